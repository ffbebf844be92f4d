"""Scan reports: killed while the platform answers, and struck at every other call than launch and fetch."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from qualys_ta.splunk import state
from support import e2e
from support.deaths import deaths_at_calls, killed_at_call
from support.e2e_reports import ALL, ReportSite
from support.page import choose

LATER = {"clock": 61}
QUICK = {"hurry": 20}
"""Waits pass so many times as fast."""
PULL = ("templates", "list", "launch", "list", "list", "fetch", "delete")
"""The calls for one report that the platform makes while it is looked at once."""


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("kills"), hosts=6, findings=5, report_looks=1) as site:
        yield site


@pytest.fixture
def feed(_platform: e2e.Site) -> Iterator[ReportSite]:
    made = ReportSite.of(_platform)
    assert isinstance(made, ReportSite)
    choose(made, "reports", report_templates=ALL)
    yield made
    sys.stdout.write(made.splunk.log())  # pytest shows it where the test failed


def assert_whole(feed: ReportSite) -> None:
    """One report was launched, is in the index, and nothing is on the platform any more."""
    assert feed.differences() == []
    assert len(feed.launched) == 1
    assert feed.qualys.reports.reports() == ()
    assert feed.checkpoint["open"] is None


def again(feed: ReportSite) -> int:
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    return feed.tick(**LATER, **QUICK).returncode


def test_a_pull_killed_while_a_call_is_answered_goes_on(feed: ReportSite) -> None:
    """Whatever the platform did then: it launched the report, wrote it, deleted it."""
    killed = 0
    for _ in deaths_at_calls(feed, **QUICK):
        killed += 1
        assert feed.tick(**QUICK).returncode == 0
        assert_whole(feed)
        assert feed.repeats == 0
        feed.fresh()
        choose(feed, "reports", report_templates=ALL)
    assert killed == len(PULL)


@pytest.mark.parametrize("kind", ["cut", "unavailable", "wrong_root"])
@pytest.mark.parametrize("call", ["report_template:{}", "report:{}@1", "report:{}@3", "report:{}@6"])
def test_a_fault_of_any_other_call_costs_nothing_but_time(feed: ReportSite, kind: str, call: str) -> None:
    """The list of templates, the look for our title, how far it is, its end. A report that cannot be deleted stays."""
    choose(feed, "api", max_retries="0")
    feed.qualys.faults.set(call.format(kind))
    if feed.tick(**QUICK).returncode:
        assert feed.error()
        assert again(feed) == 0
    if any("could not be deleted" in line for line in feed.lines("WARNING")):
        feed.qualys.reports.remove([report.id for report in feed.launched])
    assert_whole(feed)
    assert feed.repeats == 0


def test_a_failed_report_that_was_deleted_is_waited_for_by_nobody(feed: ReportSite) -> None:
    """Killed after it was deleted, before that was noted: the next run launches another, and does not wait for one that
    this input deleted itself."""
    feed.qualys.reports.fail()
    assert feed.tick(**QUICK).returncode == 1
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert killed_at_call(feed, 2, **LATER, **QUICK)
    assert feed.qualys.reports.reports() == ()
    feed.launched_before = 1
    assert again(feed) == 0
    assert_whole(feed)


def test_a_launch_that_nobody_heard_of_and_that_failed_leaves_nothing(feed: ReportSite) -> None:
    feed.qualys.reports.fail()
    feed.qualys.faults.set("report:reset*2@2")
    choose(feed, "api", max_retries="0")
    assert feed.tick(**QUICK).returncode == 1
    for _ in range(3):
        feed.qualys.reports.look(feed.launched[0].id)
    feed.qualys.faults.set()
    for _ in range(2):
        again(feed)
    feed.launched_before = 1
    assert_whole(feed)
