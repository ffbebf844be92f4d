"""Checks that a person asks for: what is wrong, told apart, in one line each with what to do about it.

A check whose ground is broken is left out, so that one fault is told once. Each has its time, and all together have
theirs: a name lookup or a network drive that hangs holds nobody up. Pure but for the thread that does the waiting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple, TypeVar

from .errors import TaError

T = TypeVar("T")
VERDICTS = OK, WARNING, FAILED, LEFT_OUT = "ok", "warning", "failed", "left out"


class Found(NamedTuple):
    """What a check found; `todo` says what to do where it is not well."""

    found: str
    verdict: str = OK
    todo: str = ""


class Line(NamedTuple):
    """What a person reads of one check."""

    name: str
    label: str
    verdict: str
    found: str
    todo: str


NO_ANSWER = Found("no answer in time", FAILED, "Check the network, the firewall and the proxy.")


@dataclass(frozen=True)
class Check:
    """One thing to look at. `run` returns what it found; a TaError is a failure, and `todo` what to do then.

    `needs` names the checks that must not have failed before. `seconds` is the most it may take, `if_slow` what is told
    when that is over.
    """

    name: str
    label: str
    run: Callable[[], Found]
    needs: tuple[str, ...] = ()
    todo: str = ""
    seconds: float = 8.0
    if_slow: Found = NO_ANSWER


class TooSlow(Exception):
    """The work did not end in time. It goes on in its thread, unheard."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises, or TooSlow when time is up."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the caller's thread
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not outcome:
        raise TooSlow
    return outcome[0]


def run_checks(
    checks: Sequence[Check],
    labels: dict[str, str],
    broken: Collection[str] = (),
    seconds: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Line]:
    """The lines of `checks` as they come, all within `seconds`.

    `broken` names checks of earlier calls that failed; `labels` is what all checks are called, those included.
    """
    end = clock() + seconds
    gone = set(broken)
    for check in checks:
        missing = next((name for name in check.needs if name in gone), "")
        found = Found(f"because of: {labels[missing]}", LEFT_OUT) if missing else _found(check, end - clock())
        if missing or found.verdict == FAILED:
            gone.add(check.name)
        yield Line(check.name, check.label, found.verdict, one_line(found.found), one_line(found.todo))


def broken_after(lines: Sequence[Line], before: Collection[str], checks: Sequence[Check]) -> list[str]:
    """The names of all that is broken by now, for a later call of `run_checks`."""
    gone = {*before, *(line.name for line in lines if line.verdict == FAILED)}
    for check in checks:
        if gone & set(check.needs):
            gone.add(check.name)
    return sorted(gone)


def _found(check: Check, seconds_left: float) -> Found:
    if seconds_left <= 0:
        return Found("the time for all checks is over", LEFT_OUT, "Correct what stands above, then diagnose again.")
    try:
        return within(min(check.seconds, seconds_left), check.run)
    except TooSlow:
        return check.if_slow
    except TaError as error:
        return Found(str(error), FAILED, check.todo)
    except OSError as error:
        return Found(f"{error.filename or 'the system'}: {error.strerror or error}", FAILED, check.todo)
    except Exception as error:  # noqa: BLE001 - the other checks must still be made
        return Found(f"unforeseen {type(error).__name__}: {error}", FAILED, "Please report this line.")


def one_line(text: str) -> str:
    """`text` as a terminal and a page may show it: servers and certificates say what they like."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
