"""SIGKILL at every write: what is pulled after that is whole, and at most one page comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from support.e2e import EVENTS_PER_PAGE, HOSTS, PER_PAGE, Site

KILLED = -9
PAGES = HOSTS // PER_PAGE
PARTS = {
    "sink": 2 * PAGES,  # events to splunkd's pipe
    "pages": 3 * PAGES,  # answers to disk, and away again
    "files": 6 * PAGES,  # checkpoints: text, fsync, rename, fsync of the folder
    "seen": 1 + PAGES,  # what the next pull need not repeat
    "run": 1,  # the PID file
}
"""Part of the add-on that writes -> how many of its writes a pull of three pages has, at least."""


def deaths(site: Site, part: str) -> Iterator[int]:
    """Each write of `part` in turn: the input is killed there, once; ends with the first pull that survives."""
    for number in count(1):
        yield number
        run = site.tick(kill=[part, number])
        if run.returncode == 0:
            return
        assert run.returncode == KILLED


@pytest.mark.parametrize("part", PARTS)
def test_first_pull_killed_at_each_write(site: Site, part: str) -> None:
    killed = 0
    for killed in deaths(site, part):
        print(killed, site.state if killed>1 else '')
    assert killed > PARTS[part]
