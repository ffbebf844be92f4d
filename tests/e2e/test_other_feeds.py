"""Feeds other than hosts: pulls that are whole, later ones, kills at every write, every fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from qualys_ta.splunk import state
from standins.qualys.faults import KINDS
from support import e2e
from support.deaths import deaths
from support.e2e_feeds import ComplianceSite, FeedSite, WebSite
from support.e2e_fim import FimEventSite, FimIgnoredSite, FimIncidentSite
from support.e2e_inventory import AssetSite, TagSite, TicketSite
from support.page import choose

LATER = {"clock": 61}
FEEDS = (ComplianceSite, WebSite, TicketSite, AssetSite, TagSite, FimEventSite, FimIgnoredSite, FimIncidentSite)
SMALL_PAGES = {
    ComplianceSite.name: ("pc", {"pc_truncation_limit": "20", "num_threads_for_pc": "1"}),
    WebSite.name: ("was", {"was_page_size": "15", "num_threads_for_was": "1"}),
    AssetSite.name: ("assets", {"asset_page_size": "4"}),
    TagSite.name: ("tags", {"tag_page_size": "4"}),
    FimEventSite.name: ("fim", {"fim_events_page_size": "9"}),
    FimIgnoredSite.name: ("fim", {"fim_ignored_events_page_size": "4"}),
    FimIncidentSite.name: ("fim", {"fim_incidents_page_size": "3"}),
    TicketSite.name: ("tickets", {"ticket_timeout": "2"}),  # how many come at once, only the platform says
}
"""Metric -> its tab, and settings by which a pull has several pages, one after the other."""
WARY = {
    ComplianceSite.name: "posture",
    WebSite.name: "was_finding",
    TicketSite.name: "ticket",
    AssetSite.name: "host_asset",
    TagSite.name: "tag",
    FimEventSite.name: "fim_event",
    FimIgnoredSite.name: "fim_ignored_event",
    FimIncidentSite.name: "fim_incident",
}
"""Metric -> what the platform's faults call its main list."""


OF_DIALECTS = (ComplianceSite, WebSite, TicketSite, FimEventSite)
"""One feed for each dialect: its answers are judged alike for all feeds, so the others go through a third of the faults
each."""
OTHERS = [feed for feed in FEEDS if feed not in OF_DIALECTS]
STRUCK = [
    *((feed, kind) for feed in OF_DIALECTS for kind in KINDS),
    *((feed, kind) for first, feed in enumerate(OTHERS) for kind in KINDS[first % 3 :: 3]),
]


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(
        tmp_path_factory.mktemp("feeds"), policies=4, controls=6, web_apps=5, tickets_per_page=9, fim_incidents=4
    ) as site:
        yield site


@pytest.fixture(params=FEEDS, ids=lambda feed: str(feed.name))
def feed(_platform: e2e.Site, request: pytest.FixtureRequest) -> Iterator[FeedSite]:
    made: FeedSite = request.param.of(_platform)
    yield made
    sys.stdout.write(made.splunk.log())  # pytest shows it where the test failed


def page_by_page(feed: FeedSite) -> None:
    tab, values = SMALL_PAGES[feed.name]
    choose(feed, tab, **values)


def test_a_first_pull_brings_all(feed: FeedSite) -> None:
    feed.pull()
    assert feed.differences() == []
    assert feed.repeats == 0
    assert feed.leftovers() == []


def test_pages_one_after_the_other_and_side_by_side_bring_the_same(feed: FeedSite) -> None:
    page_by_page(feed)
    feed.pull()
    assert feed.differences() == []
    one_by_one, calls = sorted(feed.raw), len(feed.calls)
    assert calls > 2
    feed.fresh()
    tab, values = SMALL_PAGES[feed.name]
    choose(feed, tab, **{name: "4" if name.startswith("num_threads") else value for name, value in values.items()})
    feed.pull()
    assert feed.differences() == []
    assert sorted(feed.raw) == one_by_one


def test_later_pulls_bring_what_changed_and_count_how_things_stand(feed: FeedSite) -> None:
    feed.pull()
    for hours in (7, 30, 200):
        since = feed.pull_later(hours * 3600)
        assert feed.differences(since) == []


def test_the_checkpoint_moves_where_nothing_changed(feed: FeedSite) -> None:
    """L11: a quiet time must not make the next window longer and longer."""
    feed.qualys.clock.set("2026-03-01T12:00:00Z")
    feed.pull()
    before = feed.checkpoint["since"]
    choose(feed, "was", was_overlap_hours="1")
    since = feed.pull_later(60)
    assert since == before
    assert feed.checkpoint["since"] >= before
    assert feed.checkpoint["open"] is None
    assert feed.repeats == 0


def test_what_is_read_again_in_the_overlap_is_not_written_again(feed: FeedSite) -> None:
    feed.pull()
    once = set(feed.raw)
    feed.pull_later(1)
    again = [raw for raw in feed.raw if raw in once and "SUMMARY" not in raw.partition(":")[0]]
    assert again == []


@pytest.mark.parametrize("part", ["sink", "tallies", "files", "conversion"])
def test_a_pull_killed_at_any_write_is_resumed(feed: FeedSite, part: str) -> None:
    page_by_page(feed)
    last = 0
    for number in deaths(feed, part):
        last = number
        assert feed.tick().returncode == 0
        assert feed.differences() == []
        assert feed.repeats <= 30
        feed.fresh()
        page_by_page(feed)
    assert last >= 3 or part in feed.lacks


@pytest.mark.parametrize("feed", OF_DIALECTS, ids=lambda feed: str(feed.name), indirect=True)
def test_one_pull_survives_a_kill_at_every_start(feed: FeedSite) -> None:
    page_by_page(feed)
    assert len(list(deaths(feed, "files"))) > 3
    assert feed.differences() == []
    assert feed.checkpoint["open"] is None


@pytest.mark.parametrize(
    ("feed", "kind"), STRUCK, ids=[f"{feed.name}-{kind}" for feed, kind in STRUCK], indirect=["feed"]
)
def test_a_fault_costs_nothing_but_time(feed: FeedSite, kind: str) -> None:
    """Struck once, at the second call for data: all comes, at most in the run after; a refused account is asked no
    more before somebody saved it."""
    page_by_page(feed)
    choose(feed, "api", api_timeout="2")  # no need to wait five minutes for an answer that never comes
    feed.qualys.faults.set(f"{WARY[feed.name]}:{kind}@2")
    if feed.tick().returncode:
        assert feed.error()
        assert "SUMMARY" not in "".join(raw.partition(":")[0] for raw in feed.raw)
        state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
        assert feed.tick(**LATER).returncode == 0
    assert feed.differences() == []


@pytest.mark.parametrize("kind", ["cut", "unavailable", "wrong_root"])
@pytest.mark.parametrize(
    ("feed", "second"), [(TagSite, "asset_group"), (FimIncidentSite, "fim_incident_event")], indirect=["feed"]
)
def test_a_fault_of_a_second_list_costs_nothing_but_time(feed: FeedSite, second: str, kind: str) -> None:
    """What stands before it is written once; the run after goes on behind it."""
    choose(feed, "api", max_retries="0")
    page_by_page(feed)
    feed.qualys.faults.set(f"{second}:{kind}")
    assert feed.tick().returncode == 1
    assert feed.error()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert feed.tick(**LATER).returncode == 0
    assert feed.differences() == []
    assert feed.repeats == 0


@pytest.mark.parametrize(("before", "downloads"), [("1", "3"), ("3", "1")])
@pytest.mark.parametrize("feed", [ComplianceSite, WebSite], ids=lambda feed: str(feed.name), indirect=True)
def test_parallel_downloads_may_change_in_the_middle_of_a_pull(feed: FeedSite, before: str, downloads: str) -> None:
    """What is left of a window is pulled whole, however it was begun."""
    page_by_page(feed)
    tab, values = SMALL_PAGES[feed.name]
    (threads,) = (name for name in values if name.startswith("num_threads"))
    choose(feed, tab, **{threads: before})
    choose(feed, "was", was_page_size="3")
    feed.qualys.faults.set(f"{WARY[feed.name]}:unavailable*always@6")
    assert feed.tick().returncode == 1
    feed.qualys.faults.set()
    choose(feed, tab, **{threads: downloads})
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert feed.tick(**LATER).returncode == 0
    assert feed.differences() == []


def test_a_window_that_was_reopened_counts_right(feed: FeedSite) -> None:
    """The parameters change in the middle of a pull: it begins anew, and its summaries count everything once."""
    page_by_page(feed)
    feed.qualys.faults.set(f"{WARY[feed.name]}:unavailable*always@2")
    assert feed.tick().returncode == 1
    feed.qualys.faults.set()
    choose(feed, "pc", pc_extra_details="1")
    choose(feed, "was", finding_fields_to_log="param")
    choose(feed, "tickets", show_vuln_details="1")
    choose(feed, "assets", asset_page_size="5")
    choose(feed, "tags", tag_page_size="5")
    sizes = {f"fim_{name}_page_size": "5" for name in ("events", "ignored_events", "incidents")}
    choose(feed, "fim", **sizes)
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    feed.splunk.clean()
    assert feed.tick(**LATER).returncode == 0
    if isinstance(feed, ComplianceSite):
        assert feed.differences() == []
    assert {identity for identity in feed.found if "SUMMARY" in identity[0]} == {
        identity for identity in feed.wanted("") if "SUMMARY" in identity[0]
    }
