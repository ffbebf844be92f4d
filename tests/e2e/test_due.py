"""When an input is due by the server's clock, and how little happens when it is not."""

from __future__ import annotations

import calendar
import json
import time
from pathlib import Path

import pytest

from support.e2e import HOSTS, PER_PAGE, Site

PAGES = HOSTS // PER_PAGE
CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"
"""Clocks go from 02:00 to 03:00 on the last Sunday of March, and from 03:00 back to 02:00 on that of October."""
TOO_MUCH = ("requests", "urllib3", "splunklib", "solnlib", "xml.etree.ElementTree", "sqlite3", "ssl", "cronsim")


def is_pulled(site: Site, utc: str) -> bool:
    """Whether a start at this time, by the server's clock in Central Europe, pulls."""
    moment_s = calendar.timegm(time.strptime(utc, "%Y-%m-%d %H:%M"))
    before = len(site.calls)
    assert site.tick(clock=moment_s - time.time() + 1, zone=CENTRAL_EUROPE).returncode == 0
    return len(site.calls) > before


@pytest.mark.parametrize(
    ("starts"),
    [
        pytest.param(
            {
                "2025-03-29 12:00": False,
                "2025-03-30 00:59": False,  # 01:59; the next minute is 03:00
                "2025-03-30 01:00": True,
                "2025-03-30 01:01": False,
                "2025-03-30 01:30": False,
                "2025-03-31 00:29": False,  # 02:29
                "2025-03-31 00:30": True,
            },
            id="spring: 02:30 does not exist",
        ),
        pytest.param(
            {
                "2025-10-25 12:00": False,
                "2025-10-26 00:29": False,  # 02:29, in summer time
                "2025-10-26 00:30": True,
                "2025-10-26 00:31": False,
                "2025-10-26 01:30": False,  # 02:30 once more
                "2025-10-26 01:31": False,
                "2025-10-27 01:30": True,
            },
            id="autumn: 02:30 comes twice",
        ),
    ],
)
def test_a_cron_entry_when_the_clocks_change(site: Site, starts: dict[str, bool]) -> None:
    site.set_input(duration="30 2 * * *")
    assert {utc: is_pulled(site, utc) for utc in starts} == starts


def test_a_minute_that_was_missed_is_caught_up_once(site: Site) -> None:
    site.set_input(duration="30 2 * * *")
    starts = {"2025-06-01 12:00": False, "2025-06-02 09:17": True, "2025-06-02 09:18": False, "2025-06-05 00:29": True}
    assert {utc: is_pulled(site, utc) for utc in starts} == starts


@pytest.mark.parametrize("fault", ["", "unavailable*always"])
def test_a_clock_that_goes_back_does_not_stop_the_input(site: Site, fault: str) -> None:
    """A start in the future says nothing: due now, once."""
    site.qualys.faults.set(fault)
    assert site.tick(clock=30 * 86_400).returncode == bool(fault)
    site.qualys.faults.set()
    site.splunk.clean()
    site.ask("start_again", since="1999-01-01T00:00:00Z") if not fault else None
    assert site.tick().returncode == 0
    site.assert_complete()
    pulled = len(site.calls)
    assert (site.tick().returncode, len(site.calls)) == (0, pulled)


def test_a_clock_of_another_century_does_not_stop_the_input(site: Site) -> None:
    site.set_input(start_date="2024-05-01T00:00:00Z")
    assert site.tick(clock=-(20 * 365 * 86_400)).returncode == 0
    site.assert_complete()


@pytest.mark.parametrize("state", ["closed", "later", "held", "cron"])
def test_a_start_that_is_not_due_opens_no_socket_and_loads_next_to_nothing(
    site: Site, tmp_path: Path, state: str
) -> None:
    """Nothing is read but the state file (and, where a person is waited for, the dates of the conf files)."""
    faults = {"later": "unavailable*always", "held": "unauthorized*always"}
    site.qualys.faults.set(faults.get(state, ""))
    site.tick()
    if state == "cron":
        site.set_input(duration="0 0 29 2 *")
    lines = len(site.splunk.log().splitlines())
    modules = tmp_path / "modules.json"
    run = site.tick(offline=True, modules=str(modules))
    assert (run.returncode, run.stderr, run.events) == (0, "", 0)
    assert len(site.splunk.log().splitlines()) == lines
    loaded = set(json.loads(modules.read_text()))
    allowed = {"cronsim"} if state == "cron" else set()
    assert loaded.intersection(TOO_MUCH) <= allowed
    assert {name for name in loaded if name.startswith("qualys_ta.api")} == set()


def test_the_socket_alarm_works(site: Site) -> None:
    """What the test above relies on: a start that is due cannot do without a socket."""
    assert site.tick(offline=True).returncode == 1
    assert "a socket was opened" in site.error()
