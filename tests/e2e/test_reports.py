"""Scan reports: launched once whatever happens, waited for, fetched, joined, deleted; and those on this server."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from qualys_ta.splunk import state
from standins.qualys.faults import KINDS
from support import e2e
from support.deaths import deaths
from support.e2e_reports import ALL, WANTED, ReportSite
from support.fake_addon import eventually
from support.page import choose

STOPPED_WITHIN_S = 5.0
LATER = {"clock": 61}
QUICK = {"hurry": 20}
"""Waits pass so many times as fast."""

PARTS = ("sink", "files", "conversion", "transport")


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("reports"), hosts=8, findings=5, report_looks=1) as site:
        yield site


@pytest.fixture
def feed(_platform: e2e.Site) -> Iterator[ReportSite]:
    made = ReportSite.of(_platform)
    assert isinstance(made, ReportSite)
    yield made
    sys.stdout.write(made.splunk.log())  # pytest shows it where the test failed


def is_closed(feed: ReportSite) -> bool:
    """Whether the window was closed before the run died: the next one would pull anew."""
    with suppress(OSError, ValueError):
        return bool(feed.checkpoint["since"]) and feed.checkpoint["open"] is None
    return False


def assert_whole(feed: ReportSite, templates: int = 2) -> None:
    """Each report was launched once, is in the index, and is gone from the platform."""
    assert feed.differences() == []
    assert len(feed.launched) == templates
    assert feed.qualys.reports.reports() == ()
    assert feed.checkpoint["open"] is None


def test_reports_are_launched_waited_for_written_and_deleted(feed: ReportSite) -> None:
    feed.pull()
    assert_whole(feed)
    assert (feed.repeats, feed.leftovers()) == (0, [])
    assert [call.params["template_id"] for call in feed.actions("launch")] == ["424242", "535353"]
    assert {call.params["output_format"] for call in feed.actions("launch")} == {"xml"}
    assert all(not name.startswith("_") for call in feed.calls for name in call.params)


def test_the_next_pull_launches_anew(feed: ReportSite) -> None:
    feed.pull()
    feed.pull_later(86_400)
    assert_whole(feed)


@pytest.mark.parametrize("part", PARTS)
def test_a_pull_killed_anywhere_goes_on_with_what_it_launched(feed: ReportSite, part: str) -> None:
    """At each effect of a part in turn: the report that was launched is the one that comes."""
    survived = 0
    choose(feed, "reports", report_templates=ALL)
    for _ in deaths(feed, part, **QUICK):
        if not is_closed(feed):
            assert feed.tick(**QUICK).returncode == 0
            survived += 1
        assert_whole(feed, 1)
        feed.fresh()
        choose(feed, "reports", report_templates=ALL)
    assert survived >= 2


def test_one_pull_survives_a_kill_at_every_start(feed: ReportSite) -> None:
    starts = 0
    for _ in deaths(feed, "files", **QUICK):
        starts += 1
        if is_closed(feed):
            break
    assert starts > 3
    assert_whole(feed)


def test_a_launch_whose_answer_nobody_heard_is_not_repeated(feed: ReportSite) -> None:
    """The connection breaks behind the launch: the report is found by its title."""
    for kind in ("cut", "reset", "cut_clean"):
        feed.fresh()
        feed.qualys.faults.set(f"report:{kind}@2")
        feed.pull()
        assert_whole(feed)
        assert any("was launched before" in line for line in feed.lines("INFO"))


@pytest.mark.parametrize(("call", "kind"), [*product([2], KINDS[::2]), *product([5], KINDS[1::2])])
def test_a_fault_costs_nothing_but_time(feed: ReportSite, kind: str, call: int) -> None:
    """Of a launch or a fetch."""
    choose(feed, "api", api_timeout="2")
    feed.qualys.faults.set(f"report:{kind}@{call}")
    if feed.tick(**QUICK).returncode:
        assert feed.error()
        state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
        assert feed.tick(**LATER).returncode == 0
    assert_whole(feed)


def test_not_ready_is_waited_out_also_where_the_list_says_finished(feed: ReportSite) -> None:
    feed.qualys.faults.set("report:not_ready@5")
    feed.pull()
    assert_whole(feed)
    assert not feed.lines("WARNING")


def launched_only(feed: ReportSite) -> None:
    """A run that launched one report, and could not ask how far it is."""
    choose(feed, "reports", report_templates=ALL, report_wait_minutes="1")
    choose(feed, "api", max_retries="0")
    feed.qualys.faults.set("report:unavailable*always@3")
    assert feed.tick().returncode == 1
    feed.qualys.faults.set()


def again(feed: ReportSite, later_s: int = 61) -> int:
    (feed.splunk.home / "var/log/splunk/ta_QualysCloudPlatform.log").unlink()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    return feed.tick(clock=later_s).returncode


def test_the_wait_is_bounded_and_goes_on_in_the_next_run(feed: ReportSite) -> None:
    feed.qualys.reports.never_end()
    launched_only(feed)
    assert again(feed) == 1
    assert "is Submitted. The next run goes on waiting" in feed.error()
    (report,) = feed.qualys.reports.reports()
    feed.qualys.reports.finish(report.id)
    assert again(feed, 122) == 0
    assert_whole(feed, 1)


def test_a_report_that_failed_is_told_and_launched_again_by_the_next_run(feed: ReportSite) -> None:
    choose(feed, "reports", report_templates=ALL)
    feed.qualys.reports.fail()
    assert feed.tick().returncode == 1
    assert "ended as Errors: The report could not be generated" in feed.error()
    feed.launched_before = 1
    assert again(feed) == 0
    assert_whole(feed, 1)


def test_a_report_that_somebody_deleted_is_launched_again(feed: ReportSite) -> None:
    launched_only(feed)
    feed.qualys.reports.remove([report.id for report in feed.launched])
    feed.launched_before = 1
    assert again(feed) == 0
    assert_whole(feed, 1)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("111", "lists no report template '111'"),
        ("Twice", "Several report templates are called 'Twice': name one of 868686, 979797"),
        ("757575", "is of type Patch"),
    ],
)
def test_a_template_that_cannot_be_had_is_named(feed: ReportSite, template: str, said: str) -> None:
    choose(feed, "reports", report_templates=template)
    assert feed.tick().returncode == 1
    assert said in feed.error()
    assert feed.launched == []


def test_a_role_that_may_not_is_told_what_it_needs(feed: ReportSite) -> None:
    feed.qualys.faults.set("report:unlicensed")
    assert feed.tick().returncode == 1
    assert "may view and download reports" in feed.error()


def test_reports_may_stay_on_the_platform(feed: ReportSite) -> None:
    choose(feed, "reports", report_delete="0")
    feed.pull()
    assert feed.differences() == []
    assert len(feed.qualys.reports.reports()) == 2
    assert feed.actions("delete") == []


def test_a_report_that_cannot_be_deleted_is_a_warning(feed: ReportSite) -> None:
    choose(feed, "reports", report_templates=ALL)
    feed.qualys.faults.set("report:simple1905@6")
    feed.pull()
    assert feed.differences() == []
    assert any("could not be deleted" in line for line in feed.lines("WARNING"))


def test_an_empty_report_is_a_report(feed: ReportSite) -> None:
    choose(feed, "reports", report_templates="646464")
    feed.pull()
    assert (feed.raw, len(feed.launched)) == ([], 1)
    assert feed.checkpoint["open"] is None


def test_all_dirt_is_read(feed: ReportSite) -> None:
    feed.qualys.dirt.set("all")
    feed.pull()
    assert_whole(feed)


def test_sigterm_while_a_report_is_waited_for(feed: ReportSite) -> None:
    """Not even a wait of hours holds up splunkd's end; the next start goes on with the same report."""
    choose(feed, "reports", report_templates=ALL, report_poll_seconds="3600")
    feed.qualys.reports.never_end()
    run = feed.start()
    eventually(lambda: len(feed.actions("list")) > 1)
    sent_at = time.monotonic()
    run.terminate()
    run.wait(e2e.DEADLINE_S)
    assert time.monotonic() - sent_at < STOPPED_WITHIN_S
    assert (run.returncode, run.stderr, run.stream_error) == (0, "", "")
    (report,) = feed.qualys.reports.reports()
    feed.qualys.reports.finish(report.id)
    feed.pull()
    assert_whole(feed, 1)


@pytest.mark.parametrize(("part", "least"), [("sink", 2), ("read_files", 1)])
def test_a_file_is_whole_whenever_its_reading_was_killed(
    feed: ReportSite, tmp_path: Path, part: str, least: int
) -> None:
    """At most it is written twice."""
    report = feed.qualys.reports.launch(feed.qualys.reports.templates[0], "by hand", "somebody")
    wanted = len(list(feed.qualys.report_ledger.expected(report)))
    pieces = feed.qualys.report_document.pieces(report, feed.qualys.url, feed.qualys.clock.now())
    (tmp_path / "a.xml").write_bytes(b"".join(pieces))
    choose(feed, "reports", report_templates="", report_file=str(tmp_path))
    killed = 0
    for _ in deaths(feed, part, **QUICK):
        killed += 1
        if not is_closed(feed):
            assert feed.tick(**QUICK).returncode == 0
            assert feed.leftovers() == []
        assert len(set(feed.raw)) == wanted <= len(feed.raw) <= 2 * wanted
        feed.fresh()
        choose(feed, "reports", report_templates="", report_file=str(tmp_path))
    assert killed >= least


def test_a_report_on_disk_is_read_once_for_each_content(feed: ReportSite, tmp_path: Path) -> None:
    report = feed.qualys.reports.launch(feed.qualys.reports.templates[0], "by hand", "somebody")
    text = b"".join(feed.qualys.report_document.pieces(report, feed.qualys.url, feed.qualys.clock.now()))
    file = tmp_path / "here.xml"
    file.write_bytes(text)
    calls = len(feed.qualys.requests)
    choose(feed, "reports", report_templates="", report_file=str(file))
    feed.pull()
    events = [json.loads(raw) for raw in feed.raw]
    assert len(events) == len(list(feed.qualys.report_ledger.expected(report)))
    assert {event["report_file"] for event in events} == {"here.xml"}
    assert file.read_bytes() == text
    assert len(feed.qualys.requests) == calls
    assert feed.leftovers() == []
    for change in ("nothing", "time", "name"):
        if change == "time":
            file.touch()
        if change == "name":
            shutil.copy(file, tmp_path / "other.xml")
            choose(feed, "reports", report_file=str(tmp_path))
        feed.splunk.clean()
        state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
        feed.pull()
        assert feed.raw == [], change
    file.write_bytes(text.replace(b"Active", b"Fixed"))
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    feed.pull()
    assert len(feed.raw) == len(events)


def test_a_file_that_is_no_report_stops_nothing(feed: ReportSite, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<ASSET_DATA_REPORT><HEADER>", "utf-8")
    choose(feed, "reports", report_templates=WANTED, report_file=str(tmp_path))
    assert feed.tick().returncode == 0
    assert "a.xml could not be read; the next pull tries again" in feed.error()
    assert feed.state["message"] == feed.error()
    assert feed.errored() == []
    assert_whole(feed)
    assert (tmp_path / "a.xml").read_text("utf-8") == "<ASSET_DATA_REPORT><HEADER>"


def test_a_report_that_is_not_there_is_told_on_the_row(feed: ReportSite, tmp_path: Path) -> None:
    choose(feed, "reports", report_templates="", report_file=str(tmp_path / "gone"))
    assert feed.tick().returncode == 0
    assert feed.state["message"] == f"There is no file and no folder {tmp_path / 'gone'}."
    assert feed.error() == f"{feed.state['message']} (setting: report_file)"


def test_a_folder_without_reports_is_told_on_the_row_until_there_is_one(feed: ReportSite, tmp_path: Path) -> None:
    choose(feed, "reports", report_templates="", report_file=str(tmp_path))
    feed.pull()
    assert [feed.state["message"]] == feed.lines("WARNING") == [f"There is no *.xml in {tmp_path}."]
    report = feed.qualys.reports.launch(feed.qualys.reports.templates[0], "by hand", "somebody")
    pieces = feed.qualys.report_document.pieces(report, feed.qualys.url, feed.qualys.clock.now())
    (tmp_path / "HERE.XML").write_bytes(b"".join(pieces))
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    feed.pull()
    assert (feed.state["message"], bool(feed.raw)) == ("", True)
