"""SIGKILL at one side effect of the add-on after the other, see support/puppet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from support.e2e import Site

KILLED = -9


def deaths(site: Site, part: str, **puppet: Any) -> Iterator[int]:
    """Each write of `part` in turn: the input is killed there; ends with the first pull that survives."""
    for number in count(1):
        run = site.tick(kill=[part, number], **puppet)
        if run.returncode == 0:
            return
        assert run.returncode == KILLED
        yield number
