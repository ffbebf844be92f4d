"""SIGKILL at one side effect of the add-on after the other, see support/puppet, or at one call after the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from itertools import chain, count, takewhile
from typing import Any

from support.e2e import DEADLINE_S, Site
from support.storm_run import Calls

KILLED = -9
STRIDE = 5
"""A file that is replaced takes four effects, so in each of four such files another one is struck."""


def deaths(site: Site, part: str, **puppet: Any) -> Iterator[int]:
    """The first writes of `part` and each fifth after them, or each with ``--every-write``: the input is killed there.

    Yields which write it was; ends with the first pull that survives.
    """
    for number in chain(range(1, STRIDE), count(2 * STRIDE - 1, STRIDE)):
        run = site.tick(kill=[part, number], **puppet)
        if run.returncode == 0:
            return
        assert run.returncode == KILLED
        yield number


def killed_at_call(site: Site, number: int, **puppet: Any) -> bool:
    """Whether a start was killed when the platform had heard its call of this number, before it was answered; else it
    ended well."""
    site.qualys.requests, site.calls_before = (calls := Calls()), 0
    run = site.start(**puppet)
    calls.when(number, partial(os.kill, run.pid, signal.SIGKILL))
    assert run.wait(DEADLINE_S).returncode in (0, KILLED)
    return run.returncode == KILLED


def deaths_at_calls(site: Site, **puppet: Any) -> Iterator[int]:
    """Each call in turn: the input is killed there; ends with the first pull that survives."""
    yield from takewhile(lambda number: killed_at_call(site, number, **puppet), count(1))
