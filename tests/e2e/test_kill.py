"""SIGKILL at every write: what is pulled after that is whole, and at most one page comes twice."""

from __future__ import annotations

import pytest

from support.deaths import STRIDE, deaths
from support.e2e import EVENTS_PER_PAGE, HOSTS, PER_PAGE, Site

PAGES = HOSTS // PER_PAGE
PARTS = {
    "sink": PAGES + 1,  # events to splunkd's pipe, and the end of the stream
    "conversion": PAGES,  # events to disk
    "pages": 3 * PAGES,  # answers to disk, and away again
    "files": 3 * (1 + PAGES),  # checkpoints: fsync, rename, fsync of the folder
    "seen": 1 + PAGES,  # what the next pull need not repeat
    "run": 1,  # the PID file
}
"""Part of the add-on that writes -> how many of its writes a pull of three pages has, at least."""


@pytest.mark.parametrize("part", PARTS)
def test_a_first_pull_killed_at_any_write_is_resumed(site: Site, part: str) -> None:
    last = 0
    for number in deaths(site, part):
        last = number
        assert site.tick().returncode == 0
        site.assert_complete(repeats=EVENTS_PER_PAGE)
        site.fresh()
    assert last > PARTS[part] - STRIDE


@pytest.mark.parametrize("part", ["sink", "seen"])
def test_a_later_pull_killed_at_any_write_is_resumed(site: Site, part: str) -> None:
    """All hosts were processed within the overlap, so that every page is compared with what went out before."""
    last, since = 0, with_changes(site)
    for number in deaths(site, part):
        last = number
        assert site.tick().returncode == 0
        site.assert_complete(repeats=EVENTS_PER_PAGE, since=since)
        site.fresh()
        since = with_changes(site)
    assert last > PAGES


def with_changes(site: Site) -> str:
    """All is pulled, then all hosts are processed again, with changes, and the input is asked to run.

    Returns the time from which on the next pull reads.
    """
    site.qualys.touch(changes=False)
    assert site.tick().returncode == 0
    site.qualys.clock.advance(60)
    site.qualys.touch()
    site.splunk.clean()
    site.ask("run_now")
    return str(site.checkpoint["since"])


def test_one_pull_survives_a_kill_at_every_start(site: Site) -> None:
    """Each start dies a little later than the one before; the first that is left alone afterwards tidies up."""
    deaths_died = list(deaths(site, "files"))
    assert deaths_died[-1] > 2 * PAGES
    site.assert_complete(repeats=len(deaths_died) * EVENTS_PER_PAGE)
    assert site.checkpoint["open"] is None
    assert site.tick(clock=3700).returncode == 0
    assert site.leftovers() == []


def test_the_next_since_is_the_platforms_time_at_the_first_page_whatever_happens_then(site: Site) -> None:
    site.qualys.clock.set("2026-03-01T12:00:00Z")
    site.qualys.faults.set("unavailable*always@2")
    assert site.tick().returncode == 1
    assert site.checkpoint["open"]["pages"] == 1
    site.qualys.clock.set("2026-03-01T18:00:00Z")
    site.qualys.faults.set()
    assert site.tick(clock=61).returncode == 0
    assert (site.checkpoint["since"], site.checkpoint["open"]) == ("2026-03-01T11:50:00Z", None)
    site.assert_complete()
