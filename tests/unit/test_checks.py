"""Checks run in their order and time; what stands on broken ground is left out, and nothing stops the others."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Callable

import pytest

from qualys_ta.checks import FAILED, LEFT_OUT, OK, WARNING, Check, Found, Line, broken_after, run_checks
from qualys_ta.errors import ConfigError


def check(name: str, run: Callable[[], Found] = lambda: Found("fine"), *needs: str, seconds: float = 5.0) -> Check:
    return Check(name, name.title(), run, needs, "mend it", seconds)


def fails() -> Found:
    raise ConfigError("It is wrong.", "setting")


def lines(*checks: Check, broken: Sequence[str] = (), seconds: float = 60.0) -> list[Line]:
    labels = {name: name.title() for name in (*broken, *(each.name for each in checks))}
    return list(run_checks(checks, labels, broken, seconds))


def test_a_failure_is_told_once_and_what_needs_it_is_left_out() -> None:
    checks = (check("a", fails), check("b", fails, "a"), check("c", fails, "b"), check("d"))
    found = lines(*checks)
    assert found == [
        Line("a", "A", FAILED, "It is wrong.", "mend it"),
        Line("b", "B", LEFT_OUT, "because of: A", ""),
        Line("c", "C", LEFT_OUT, "because of: B", ""),
        Line("d", "D", OK, "fine", ""),
    ]
    assert broken_after(found, (), checks) == ["a", "b", "c"]


@pytest.mark.parametrize("verdict", [WARNING, LEFT_OUT])
def test_a_warning_or_what_does_not_apply_is_no_broken_ground(verdict: str) -> None:
    found = lines(check("a", lambda: Found("none is set", verdict)), check("b", lambda: Found("fine"), "a"))
    assert [line.verdict for line in found] == [verdict, OK]


def test_what_broke_in_an_earlier_stage_counts() -> None:
    assert lines(check("b", fails, "a"), broken=["a"])[0].found == "because of: A"
    assert broken_after([], ["a"], [check("b", fails, "a")]) == ["a", "b"]


def test_a_check_that_hangs_holds_nobody_up() -> None:
    never = threading.Event()

    def hang() -> Found:
        never.wait()
        return Found("late")

    found = lines(check("a", hang, seconds=0.01), check("b"))
    never.set()
    assert [(line.verdict, line.found) for line in found] == [(FAILED, "no answer in time"), (OK, "fine")]


def test_when_the_time_of_all_is_over_the_rest_is_left_out() -> None:
    now = iter((0.0, 0.0, 61.0))
    found = list(run_checks([check("a"), check("b")], {}, (), 60.0, lambda: next(now)))
    assert [line.verdict for line in found] == [OK, LEFT_OUT]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied", "/place"), "/place: Permission denied"),
        (ValueError("odd"), "unforeseen ValueError: odd"),
    ],
)
def test_whatever_goes_wrong_is_a_line(error: Exception, words: str) -> None:
    def raises() -> Found:
        raise error

    first, second = lines(check("a", raises), check("b"))
    assert (first.verdict, first.found, second.verdict) == (FAILED, words, OK)


def test_what_others_say_is_one_line_that_a_terminal_may_show() -> None:
    (line,) = lines(check("a", lambda: Found("red\x1b[31m\nand\u202e more", todo="a\r\nb")))
    assert (line.found, line.todo) == ("red [31m and more", "a b")
