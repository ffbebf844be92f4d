"""What the platform's limits leave us: calls side by side, pauses between them, hosts per answer."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualys_ta.api.budget import (
    Concurrency,
    PageSize,
    Rate,
    Sent,
    concurrency,
    others_of,
    pause_s,
    rate,
    side_by_side,
)

TOLD = {
    "x-ratelimit-limit": "300",
    "x-ratelimit-window-sec": "3600",
    "x-ratelimit-remaining": "297",
    "x-concurrency-limit-limit": "2",
    "x-concurrency-limit-running": "1",
}


def test_what_headers_say() -> None:
    assert rate(TOLD) == Rate(300, 3600.0, 297)
    assert concurrency(TOLD) == Concurrency(2, 1)


@pytest.mark.parametrize("value", ["", "x", "-1", "1.5", "٣", "0", "9" * 30])
def test_headers_that_make_no_sense_say_nothing(value: str) -> None:
    assert rate({**TOLD, "x-ratelimit-limit": value}) is None
    assert rate({**TOLD, "x-ratelimit-window-sec": value}) is None
    assert concurrency({**TOLD, "x-concurrency-limit-limit": value}) is None


def test_an_answer_refused_for_concurrency_tells_no_rate() -> None:
    assert rate({name: text for name, text in TOLD.items() if not name.endswith("remaining")}) is None


@pytest.mark.parametrize(
    ("most", "told", "ours", "expected"),
    [
        (4, None, 1, 4),
        (4, Concurrency(2, 1), 1, 2),
        (4, Concurrency(2, 0), 1, 2),
        (1, Concurrency(9, 1), 1, 1),
        (10, Concurrency(8, 5), 2, 5),
        (4, Concurrency(2, 2), 0, 1),
        (4, Concurrency(2, 7), 1, 1),
    ],
    ids=["unknown", "all ours", "does not count itself", "setting", "three of others", "all of others", "too many"],
)
def test_calls_side_by_side(most: int, told: Concurrency, ours: int, expected: int) -> None:
    assert side_by_side(most, told, ours) == expected


HOUR = Rate(300, 3600.0, 0)


@pytest.mark.parametrize(
    ("others", "needed", "sent", "expected"),
    [
        (0, 270, Sent(0, 0, 9e9), 0.0),
        (0, 271, Sent(0, 0, 9e9), 0.0),
        (0, 271, Sent(1, 0, 0), 3600 / 270),
        (0, 271, Sent(1, 4, 4), 3600 / 270 - 4),
        (100, 171, Sent(1, 0, 0), 3600 / 170),
        (280, 9, Sent(1, 0, 0), 0.0),
        (280, 10, Sent(1, 0, 0), 3600 / 10),
        (0, 1, Sent(300, 3000, 0), 600.0),
        (300, 1, Sent(0, 0, 9e9), 0.0),
    ],
    ids=[
        "plenty",
        "the first call need not wait",
        "spread over the window",
        "since the last one",
        "others take their part",
        "little is left, and enough",
        "little is left, half of it for others",
        "nothing is left: the oldest has to leave",
        "nothing is ours: asking is the only way to know",
    ],
)
def test_pauses(others: int, needed: int, sent: Sent, expected: float) -> None:
    assert pause_s(HOUR, others, needed, sent) == pytest.approx(expected)


RATES = st.builds(Rate, st.integers(1, 5000), st.floats(1, 86_400), st.integers(0, 5000))
SENT = st.tuples(st.integers(0, 5000), st.floats(0, 90_000), st.floats(0, 90_000)).map(
    lambda sent: Sent(sent[0], max(sent[1:]), min(sent[1:]))
)
COUNTS = st.integers(0, 10_000)


@given(RATES, COUNTS, COUNTS, SENT)
def test_a_pause_is_never_negative_nor_longer_than_the_window(told: Rate, others: int, needed: int, sent: Sent) -> None:
    assert 0 <= pause_s(told, others, needed, sent) <= told.window_s


@given(RATES, COUNTS, COUNTS, SENT, st.integers(0, 100))
def test_a_pause_grows_with_what_is_needed_and_with_what_others_take(
    told: Rate, others: int, needed: int, sent: Sent, more: int
) -> None:
    pause = pause_s(told, others, needed, sent)
    assert pause <= pause_s(told, others, needed + more, sent)
    assert pause <= pause_s(told, others + more, needed, sent)


class Window:
    """The platform's sliding window."""

    def __init__(self, limit: int, window_s: float, before: list[float]) -> None:
        self.limit, self.window_s, self.calls = limit, window_s, sorted(before)

    def admit(self, now: float) -> Rate:
        """Raises AssertionError for a call too many."""
        self.calls = [at for at in self.calls if now - at < self.window_s]
        assert len(self.calls) < self.limit, f"409 at {now}"
        self.calls.append(now)
        return Rate(self.limit, self.window_s, self.limit - len(self.calls))


def duration(window: Window, calls: int, call_s: float) -> float:
    """How long a pull of so many calls takes that last `call_s` each, one after the other."""
    now, ours, told, others = 0.0, [], None, 0
    for done in range(calls):
        if told:
            ours = [at for at in ours if now - at < window.window_s]
            sent = Sent(len(ours), now - min(ours, default=now), now - ours[-1] if ours else 9e9)
            now += pause_s(told, others, calls - done, sent)
            ours = [at for at in ours if now - at < window.window_s]
        told = window.admit(now)
        ours.append(now)
        others = others_of(told, len(ours))
        now += call_s
    return now


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(2, 40),
    calls=st.integers(1, 100),
    call_s=st.floats(0, 20),
    used=st.integers(0, 38),
    seed=st.integers(0, 1000),
)
def test_a_paced_pull_is_never_refused_and_hardly_slower(
    limit: int, calls: int, call_s: float, used: int, seed: int
) -> None:
    """`used` calls were sent within the hour before, by others or by a run that was killed."""
    dice = random.Random(seed)
    before = [-dice.uniform(0, 360) for _ in range(min(used, limit - 1))]
    took = duration(Window(limit, 360.0, before), calls, call_s)
    walls = (calls + len(before)) / (0.9 * limit - 0.5) if limit > 2 else calls + len(before)
    assert took <= 360.0 * (walls + 1) + calls * call_s


def test_a_pull_that_fits_is_not_slowed() -> None:
    assert duration(Window(300, 3600.0, []), 270, 1.0) == 270.0


def test_a_long_pull_is_as_fast_as_the_limit_allows() -> None:
    """1,500 pages at 300 calls per hour: five hours at best, 5.6 with a tenth left to others."""
    took = duration(Window(300, 3600.0, []), 1500, 1.0)
    assert took == pytest.approx(1500 / 270 * 3600, rel=0.02)


def test_a_page_is_halved_once_for_all_that_failed_side_by_side_and_grows_again() -> None:
    size = PageSize(1000, 1000)
    size = size.failed(1000).failed(1000).failed(1000)
    assert size.size == 500
    size = size.failed(500)
    assert size.size == 250
    assert size.came(100) == size.came(1000) == size
    assert size.came(250) == PageSize(1000, 376)
    assert size.came(250).came(376) == PageSize(1000, 565)


@given(most=st.integers(1, 10**6), outcomes=st.lists(st.booleans(), max_size=40))
def test_a_page_stays_within_a_tenth_of_the_setting_and_the_setting(most: int, outcomes: list[bool]) -> None:
    size = PageSize(most, most)
    for came in outcomes:
        size = size.came(size.size) if came else size.failed(size.size)
        assert max(1, most // 10) <= size.size <= most
    for _ in range(10):
        size = size.came(size.size)
    assert size.size == most
