"""Defects known from the vendor's add-on, each by its number, shown not to be ours in tickets, file integrity, assets,
tags and scan reports; see test_peer_defects for what the letters mean, test_file_integrity for more of L1 and L8."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from qualys_ta.splunk import state
from support import e2e
from support.e2e import REST
from support.e2e_feeds import FeedSite
from support.e2e_fim import FimEventSite, FimIgnoredSite, FimIncidentSite, FimSite
from support.e2e_inventory import AssetSite, TagSite, TicketSite
from support.e2e_reports import ALL, ReportSite
from support.page import choose, refusal

NOON = "2026-03-01T12:00:00Z"
OVERLAP = "2026-03-01T11:50:00Z"
"""Where the pull after one at noon starts."""
EAST = {"zone": "XXX-14", "clock": -3 * 86_400}
WEST = {"zone": "YYY+12", "clock": 3 * 86_400}
FIM = (FimEventSite, FimIgnoredSite, FimIncidentSite)
INCREMENTAL = (TicketSite, AssetSite, *FIM)
FEEDS = (*INCREMENTAL, TagSite, ReportSite)
LOOKS_LIKE_THE_END = 'a},{"id":"x"},{"data":{"id":"y"}}]\r\n[{}\n},\n{"'
SMALL_PAGES = {
    AssetSite.name: ("assets", {"asset_page_size": "4"}),
    **{each.name: ("fim", {f"{each.name}_page_size": "4"}) for each in FIM},
}
"""Metric -> its tab, and the setting by which a pull has several pages."""


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    folder, small = tmp_path_factory.mktemp("defects"), {"tickets_per_page": 4, "fim_incidents": 4, "findings": 6}
    with e2e.site(folder, **small, report_looks=1) as site:
        yield site


@pytest.fixture(params=FEEDS, ids=lambda feed: str(feed.name))
def feed(_platform: e2e.Site, request: pytest.FixtureRequest) -> Iterator[FeedSite]:
    made: FeedSite = request.param.of(_platform)
    choose(made, "api", max_retries="0")  # what the platform refuses now it refuses a second later
    if made.name in SMALL_PAGES:
        tab, values = SMALL_PAGES[made.name]
        choose(made, tab, **values)
    yield made
    sys.stdout.write(made.splunk.log())  # pytest shows it where the test failed


def these(*feeds: type[FeedSite]) -> pytest.MarkDecorator:
    """The test is about these feeds alone."""
    return pytest.mark.parametrize("feed", feeds, ids=[each.name for each in feeds], indirect=True)


def objects(feed: FeedSite) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw in feed.raw]


def changes(feed: FeedSite) -> list[dict[str, Any]]:
    """The platform's own changes, or events of incidents, that this feed tells of; they may be altered."""
    fim = feed.qualys.fim
    if isinstance(feed, FimIncidentSite):
        return [event for each in fim.incidents for event in fim.members(each["id"]) or ()]
    return fim.ignored if isinstance(feed, FimIgnoredSite) else fim.events


# Lost data.


def test_l1_neither_a_zone_nor_a_wrong_clock_moves_a_window(feed: FeedSite) -> None:
    """Local time was written as UTC and became the checkpoint: east of Greenwich, hours were skipped for good."""
    choose(feed, "reports", report_templates=ALL)
    feed.qualys.clock.set(NOON)
    feed.pull(**EAST)
    assert feed.differences() == []
    if isinstance(feed, INCREMENTAL):
        assert feed.checkpoint["since"] == OVERLAP
    feed.qualys.clock.advance(3600)
    since = feed.pull_later(60, **WEST)
    assert feed.raw
    assert feed.differences(since) == []
    if isinstance(feed, INCREMENTAL):
        assert feed.checkpoint["since"] == "2026-03-01T12:51:00Z"


def wanted_of(feed: FeedSite) -> tuple[str, dict[str, str], dict[str, str]]:
    """A choice of a person: its tab, the settings, and the parameters that go to the platform."""
    if isinstance(feed, TicketSite):
        return "tickets", {"vuln_severities": "4,5"}, {"vuln_severities": "4,5"}
    if isinstance(feed, AssetSite):
        tag = feed.qualys.population.host(feed.qualys.population.ids[0]).tags[0].id
        return "assets", {"asset_tag_filter": str(tag)}, {"tagId IN": str(tag)}
    query = "severity: 4" if isinstance(feed, FimEventSite) else "platform: WINDOWS"
    return "fim", {f"{feed.name}_extra_params": query}, {"filter": f" AND ({query})"}


def chosen(feed: FeedSite, params: Mapping[str, str]) -> set[Any]:
    """The numbers of what the platform holds of this choice."""
    if isinstance(feed, TicketSite):
        return set(feed.qualys.ticket_ledger.expected(params))
    if isinstance(feed, AssetSite):
        return set(feed.qualys.asset_ledger.expected(params))
    name, value = ("severity", 4) if isinstance(feed, FimEventSite) else ("platform", "WINDOWS")
    return {each["id"] for each in changes(feed) if each[name] == value}


@these(TicketSite, AssetSite, FimEventSite, FimIgnoredSite)
def test_l8_what_a_person_chose_restricts_every_page_of_every_pull(feed: FeedSite) -> None:
    """The filter that counted was not the one that pulled: pages were missing, and others came that nobody wanted."""
    tab, settings, params = wanted_of(feed)
    choose(feed, tab, **settings)
    feed.pull()
    brought = objects(feed)
    feed.pull_later(3600)
    brought += objects(feed)
    numbers = {each.get("number") or each["id"] for each in brought}
    held = chosen(feed, params)
    everything = feed.qualys.tickets.numbers if isinstance(feed, TicketSite) else {i[1] for i in feed.wanted("")}
    assert numbers == held
    assert 2 < len(held) < len(everything)
    assert len(feed.calls) > 1
    for call in feed.calls:
        assert {name: call.params[name][-len(text) :] for name, text in params.items()} == params


@these(FimIncidentSite)
def test_l8_no_list_of_incidents_counts_pages(feed: FeedSite) -> None:
    """Pages were counted by a search that asked for something else. A page by its number loses what moves up when an
    incident goes: each begins behind the last record of the one before, also where lists are only looked through."""
    choose(feed, "fim", fim_incidents_page_size="2")
    feed.pull()
    feed.pull_later(3600)
    assert sum("searchAfter" in call.params for call in feed.calls) > 6
    assert [call.params for call in feed.calls if "pageNumber" in call.params] == []


@these(*FIM)
def test_l14_text_that_looks_like_the_end_of_a_record_ends_none(feed: FeedSite) -> None:
    """The stream was split by hand wherever it read ``},{``, and what could not be read was dropped without a word."""
    for number, each in enumerate(changes(feed)[::3]):
        each["fullPath"] = LOOKS_LIKE_THE_END * (1 + number)
        each["profiles"] = [{LOOKS_LIKE_THE_END: [[], {}, [{}]]}]
    feed.pull()
    assert feed.differences() == []
    assert len({raw for raw in feed.raw if json.loads(raw).get("fullPath", "").startswith(LOOKS_LIKE_THE_END)}) > 3


@these(FimEventSite)
@pytest.mark.parametrize("kind", ["bad_json", "cut_clean"])
def test_l14_an_answer_that_cannot_be_read_is_an_error_and_comes_again(feed: FeedSite, kind: str) -> None:
    feed.qualys.faults.set(f"fim_event:{kind}*always@2")
    assert feed.tick().returncode == 1
    assert re.search("no XML or JSON|not whole|cut off|incomplete", feed.error())
    assert feed.checkpoint["since"] == ""
    assert set(feed.found) < set(feed.wanted(""))
    feed.qualys.faults.set()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert feed.tick(clock=61).returncode == 0
    assert feed.differences() == []


@these(FimEventSite, FimIncidentSite)
def test_l15_whatever_a_record_lacks_it_comes(feed: FeedSite) -> None:
    """One child that was missing had the whole record passed over, and all that was to be pulled of it."""
    bare = changes(feed)[::2]
    for number, each in enumerate(bare):
        for name in ("dateTime", "asset", "actor", "profiles", "class", "incidentId", "severity"):
            each[name] = None
            if number % 2:
                del each[name]
    for incident in feed.qualys.fim.incidents:
        nothing = dict.fromkeys(("name", "filters", "reviewers", "approvalType", "ruleId", "changeType"))
        feed.qualys.fim.update([incident["id"]], **nothing)
    feed.pull()
    assert feed.differences() == []
    assert {each["id"] for each in bare} <= {each["id"] for each in objects(feed)}


@these(TicketSite, AssetSite)
def test_l15_tickets_without_a_history_and_assets_that_never_were_scanned_come(feed: FeedSite) -> None:
    tickets = feed.qualys.ticket_ledger.expected().values()
    assets = feed.qualys.asset_ledger.expected().values()
    bare = [each.number for each in tickets if "HISTORY_LIST/HISTORY/DATETIME" not in each.elements]
    if isinstance(feed, AssetSite):
        bare = [each.id for each in assets if not {"lastComplianceScan", "netbiosName"} <= each.elements.keys()]
    feed.pull()
    assert feed.differences() == []
    assert bare
    assert set(bare) <= {each.get("number") or each["id"] for each in objects(feed)}


ELEVEN = ",".join(map(str, range(90_001, 90_012)))
CANNOT_WORK: list[tuple[type[FeedSite], str, dict[str, str], str]] = [
    (TicketSite, "tickets", {"qids": ELEVEN}, "the platform takes 10 at most"),
    (AssetSite, "assets", {"asset_tag_filter": "No such tag"}, "no tag that is called 'No such tag'"),
    (ReportSite, "reports", {"report_templates": "111"}, "lists no report template '111'"),
    *((each, "fim", {f"{each.name}_extra_params": "(severity: 5"}, "A parenthesis is not closed") for each in FIM),
]


@pytest.mark.parametrize(
    ("feed", "tab", "settings", "sentence"),
    CANNOT_WORK,
    ids=[f"{feed.name} {'+'.join(settings)}" for feed, _, settings, _ in CANNOT_WORK],
    indirect=["feed"],
)
def test_l16_a_filter_that_cannot_work_pulls_nothing(
    feed: FeedSite, tab: str, settings: dict[str, str], sentence: str
) -> None:
    """It was dropped, and everything came. The page refuses what can be told without the platform; an editor of the
    conf file reads the same sentence in the log."""
    if isinstance(feed, (TicketSite, FimSite)):
        assert sentence in refusal(feed.splunk, settings, f"{REST.format('settings')}/{tab}")
    choose(feed, tab, **settings)
    assert feed.tick().returncode == 1
    assert sentence in feed.error()
    assert (feed.raw, feed.calls) == ([], [])


# The same data twice.


@these(TicketSite, AssetSite, FimIgnoredSite, FimIncidentSite, TagSite)
def test_d3_what_lies_on_the_border_of_two_windows_comes_once(feed: FeedSite) -> None:
    """The last record of a window came again in the next. Ends of windows count in seconds, so in the very second of a
    pull something may change behind its back."""
    feed.qualys.clock.set(NOON)
    feed.change()
    feed.pull()
    first = feed.found
    assert set(first) == set(feed.wanted(""))
    feed.change()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    feed.pull()
    assert feed.repeats == 0
    assert set(feed.wanted("")) <= set(feed.found)
    assert sum((feed.found - first).values()) > 0


@these(TicketSite)
def test_a_ticket_comes_once_for_each_modification(feed: FeedSite) -> None:
    """A scan that finds it again moves its statistics, and is no modification."""
    feed.qualys.clock.set(NOON)
    feed.change()
    feed.pull()
    feed.qualys.tickets.rescan(feed.qualys.tickets.numbers)
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    feed.pull()
    assert max(feed.found.values()) == 1
    assert feed.differences() == []


# Crashes and the rest.


@these(TicketSite, AssetSite, *FIM)
def test_h21_without_a_start_date_all_that_there_is_comes(feed: FeedSite) -> None:
    """Blank was filled with a date that file integrity then refused. FIM takes none before 2017."""
    feed.set_input(start_date="1999-01-01T00:00:00Z" if isinstance(feed, FimIgnoredSite) else "")
    feed.pull()
    assert feed.differences() == []
    if isinstance(feed, FimSite):
        assert "['2017-01-01T00:00:00.000Z'..'" in feed.calls[0].params["filter"]


@these(*FIM)
def test_q6_the_host_of_an_event_is_the_input_s_and_the_changed_host_stays_in_it(feed: FeedSite) -> None:
    """It was localhost whatever the host, and no setting changed that."""
    feed.set_input(host="hf-7.example.com")
    feed.pull()
    assert {row["host"] for row in feed.splunk.events()} == {"hf-7.example.com"}
    told = [each["asset"]["name"] for each in objects(feed) if "asset" in each]
    assert sorted(set(told)) == sorted({each["asset"]["name"] for each in changes(feed)})
    assert "localhost" not in told
