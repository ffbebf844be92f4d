"""The gate that all calls pass: as many at once as the platform lets us, paced, and pages of a size that comes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Optional

import pytest

from qualys_ta.api.gate import Gate
from qualys_ta.errors import AuthError, Ended, TryLater
from qualys_ta.model import Request

PATIENCE_S = 20.0
PAGE = Request("/detection/", {"action": "list", "truncation_limit": "1000"})


def told(
    running: int = 1, limit: int = 2, remaining: Optional[int] = None, rate: int = 300, **more: str
) -> dict[str, str]:
    headers = {"x-concurrency-limit-limit": str(limit), "x-concurrency-limit-running": str(running), **more}
    if remaining is None:
        return headers
    counted = {"limit": str(rate), "window-sec": "3600", "remaining": str(remaining)}
    return {**headers, **{f"x-ratelimit-{name}": text for name, text in counted.items()}}


class Clock:
    """Time that passes only while somebody waits at the gate."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def rest(self, _changed: threading.Condition, seconds: Optional[float]) -> None:
        assert seconds is not None, "nobody would wake us"
        self.pauses.append(seconds)
        self.now += seconds


def gate(clock: Clock, most: int = 4, longest_s: float = 3600.0) -> Gate:
    return Gate(most, longest_s, clock, clock.rest)


def once(gate: Gate, status: int = 200, request: Request = PAGE, **headers: object) -> Request:
    """One call with its answer; returns what was sent."""
    with gate.call(request) as call:
        call.note(status, told(**headers))  # type: ignore[arg-type]
    return call.request


@pytest.mark.parametrize(
    ("most", "headers", "expected"),
    [
        (4, {"limit": 2}, 2),
        (4, {"limit": 9}, 4),
        (4, {"limit": 9, "running": 8}, 2),
        (4, {"limit": 2, "running": 2}, 1),
        (1, {"limit": 9}, 1),
    ],
)
def test_as_many_at_once_as_the_last_answer_leaves(most: int, headers: Mapping[str, int], expected: int) -> None:
    ours, clock = ExitStack(), Clock()
    narrow = gate(clock, most)
    once(narrow, **headers)
    with ours:
        for _ in range(expected):
            ours.enter_context(narrow.call(PAGE))
        with pytest.raises(AssertionError, match="nobody would wake us"):
            ours.enter_context(narrow.call(PAGE))


def test_our_own_calls_that_ended_meanwhile_are_not_taken_for_others() -> None:
    """The platform counted two of ours; one of them is over when its answer is read."""
    clock = Clock()
    narrow = gate(clock)
    once(narrow)
    with narrow.call(PAGE) as first:
        with narrow.call(PAGE) as second:
            second.note(200, told(running=2))
        first.note(200, told(running=2))
        with narrow.call(PAGE):
            pass


def test_who_waits_is_let_in_when_another_call_ends() -> None:
    narrow, entered = Gate(1), threading.Event()

    def enter() -> None:
        with narrow.call(PAGE):
            entered.set()

    lane = threading.Thread(target=enter, daemon=True)
    with narrow.call(PAGE):
        lane.start()
        assert not entered.wait(0.05)
    assert entered.wait(PATIENCE_S)
    lane.join(PATIENCE_S)


def test_who_waits_when_the_run_ends_is_sent_away() -> None:
    narrow, ended = Gate(1), threading.Event()

    def enter() -> None:
        with suppress(Ended), narrow.call(PAGE):
            return
        ended.set()

    lane = threading.Thread(target=enter, daemon=True)
    with narrow.call(PAGE):
        lane.start()
        narrow.close()
        assert ended.wait(PATIENCE_S)
    lane.join(PATIENCE_S)
    with pytest.raises(Ended), narrow.call(PAGE):
        pass


class Platform:
    """A sliding window of calls, on the same clock."""

    def __init__(self, clock: Clock, rate: int) -> None:
        self.clock, self.rate = clock, rate
        self.calls: deque[float] = deque()
        self.refused = 0

    def answer(self) -> tuple[int, dict[str, str]]:
        while self.calls and self.clock.now - self.calls[0] >= 3600:
            self.calls.popleft()
        if len(self.calls) >= self.rate:
            self.refused += 1
            wait_s = int(self.calls[0] + 3600 - self.clock.now) + 1
            return 409, told(remaining=0, rate=self.rate, **{"x-ratelimit-towait-sec": str(wait_s)})
        self.calls.append(self.clock.now)
        return 200, told(remaining=self.rate - len(self.calls), rate=self.rate)


@pytest.mark.parametrize(
    ("rate", "calls", "longest_h"),
    [(300, 270, 0.0), (300, 1500, 5.6), (30, 100, 3.8), (30, 31, 1.2), (10, 11, 1.3), (2, 5, 2.6)],
)
def test_a_pull_of_known_length_never_hits_the_wall(rate: int, calls: int, longest_h: float) -> None:
    clock = Clock()
    paced, platform = gate(clock), Platform(clock, rate)
    paced.expect(PAGE.path, calls)
    for _ in range(calls):
        with paced.call(PAGE) as call:
            call.note(*platform.answer())
    assert platform.refused == 0
    assert clock.now <= longest_h * 3600


def test_a_pull_of_unknown_length_never_hits_the_wall() -> None:
    clock = Clock()
    paced, platform = gate(clock), Platform(clock, 30)
    for done in range(200):
        if done == 20:
            assert clock.now == 0
        with paced.call(PAGE) as call:
            call.note(*platform.answer())
    assert platform.refused == 0
    assert clock.now < 200 / 27 * 3600


def test_what_others_take_slows_us_and_what_they_give_back_does_not() -> None:
    clock = Clock()
    paced = gate(clock)
    paced.expect(PAGE.path, 1000)
    pauses = []
    for remaining in (299, 149, 297):
        once(paced, remaining=remaining)
        once(paced, remaining=remaining - 1)
        pauses.append(clock.pauses[-1])
    assert pauses[0] == pytest.approx(3600 / 270)
    assert pauses[1] == pytest.approx(3600 / 122, rel=0.02)
    assert pauses[2] == pytest.approx(3600 / 270, rel=0.02)


def test_after_a_refusal_all_lanes_wait_as_long_as_the_platform_says() -> None:
    clock = Clock()
    paced = gate(clock)
    once(paced, remaining=200)
    once(paced, 409, remaining=0, **{"x-ratelimit-towait-sec": "100"})
    once(paced, remaining=1)
    assert clock.now == 100


def test_a_pause_that_is_too_long_is_left_to_the_next_run() -> None:
    clock = Clock()
    paced = gate(clock, longest_s=300)
    once(paced, remaining=0, rate=1)
    with pytest.raises(TryLater, match="3600 s") as caught:
        once(paced)
    assert caught.value.wait_s == 3600
    assert clock.now == 0


def test_the_budgets_of_two_apis_are_not_mixed() -> None:
    clock = Clock()
    paced = gate(clock)
    once(paced, remaining=0, request=Request("/host/"))
    once(paced, remaining=200)
    assert clock.now == 0


LATER = TryLater("later")


def fail(gate: Gate, error: Exception = LATER) -> str:
    """One call without an answer; returns the page size that was asked for."""
    with suppress(TryLater, AuthError), gate.call(PAGE) as call:
        raise error
    return call.request.params["truncation_limit"]


def asked(gate: Gate, status: int = 200, whole: bool = True) -> str:
    """One call with an answer."""
    with gate.call(PAGE) as call:
        call.note(status, {})
        call.ended(whole)
    return call.request.params["truncation_limit"]


@pytest.mark.parametrize(
    ("status", "whole", "expected"),
    [
        (200, False, "500"),
        (503, True, "500"),
        (408, True, "500"),
        (200, True, "1000"),
        (409, True, "1000"),
        (429, True, "1000"),
        (202, True, "1000"),
        (401, True, "1000"),
    ],
)
def test_after_an_answer_that_may_have_been_too_large_less_is_asked_for(
    status: int, whole: bool, expected: str
) -> None:
    failing = gate(Clock())
    assert asked(failing, status, whole) == "1000"
    assert asked(failing) == expected


def test_after_no_answer_at_all_less_is_asked_for_but_not_after_an_error_of_ours() -> None:
    failing = gate(Clock())
    assert fail(failing, AuthError("no")) == "1000"
    assert fail(failing) == "1000"
    assert asked(failing) == "500"


def test_an_answer_to_an_older_question_does_not_make_pages_larger() -> None:
    failing = gate(Clock())
    with failing.call(PAGE) as older:
        fail(failing)
        older.note(200, {})
        older.ended(whole=True)
    assert asked(failing) == "500"


def test_pages_shrink_to_a_tenth_and_grow_again() -> None:
    failing = gate(Clock())
    assert [fail(failing) for _ in range(6)] == ["1000", "500", "250", "125", "100", "100"]
    assert [asked(failing) for _ in range(8)] == ["100", "151", "227", "341", "512", "769", "1000", "1000"]


def test_the_page_size_of_the_other_dialect_shrinks_as_well() -> None:
    failing, request = gate(Clock()), Request("/was/finding", {"limitResults": "1000", "verbose": "true"})
    with suppress(TryLater), failing.call(request):
        raise LATER
    assert once(failing, request=request).params == {"limitResults": "500", "verbose": "true"}


def test_a_request_without_a_page_size_stays_as_it_is() -> None:
    failing = gate(Clock())
    for params in ({}, {"truncation_limit": "0"}, {"truncation_limit": "x"}):
        request = Request("/knowledge/", params)
        with suppress(TryLater), failing.call(request) as call:
            raise LATER
        call.ended(whole=True)
        assert once(failing, request=request) == request


def test_who_reads_an_answer_when_the_run_ends_hears_of_it() -> None:
    closing = gate(Clock())
    with closing.call(PAGE) as call:
        call.check()
        closing.close()
        with pytest.raises(Ended):
            call.check()


def test_the_clock_and_the_rest_are_those_of_the_machine() -> None:
    """Nothing injected: two calls pass at once."""
    open_gate: Callable[[], Gate] = Gate
    assert once(open_gate()) == PAGE
