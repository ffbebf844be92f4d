"""Looking through the indexed events: what is found, how far is looked, and what is said of fields and times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins.splunk.browsing import ENOUGH, PAGE, SAMPLE, Browser, Found, field_summaries
from standins.splunk.event_address import search_parameters
from standins.splunk.event_filter import EventFilter
from standins.splunk.event_view import CIM, Shown, marked, status
from standins.splunk.field_search import as_condition, parse_field_search
from standins.splunk.plain_terms import plain_terms
from standins.splunk.search import Knowledge
from standins.splunk.store import EventStore
from standins.splunk.time_ranges import BadTimeError, chosen_range, for_input
from standins.splunk.timeline import MOST_COLUMNS, timeline_of
from support.indexed import CONFS, NOW, vuln
from support.knowledge import write_app

HOSTILE = "<script>alert('x')</script>"
DAY_S = 86400


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(write_app(tmp_path_factory.mktemp("app"), **CONFS))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    """200 events a minute apart, every tenth fixed."""
    store = EventStore(tmp_path / "events.sqlite", clock=lambda: NOW + 5)
    store.add([vuln(n, NOW + 60 * n, "FIXED" if n % 10 == 0 else "ACTIVE") for n in range(200)])
    yield store
    store.close()


class Pages:
    """Somebody who turns the pages of a search."""

    def __init__(self, store: EventStore, knowledge: Knowledge, search: str = "", **limits: int) -> None:
        self._browser = Browser(store, knowledge, **limits)
        self._search = parse_field_search(search, knowledge) if search else None

    def at(self, **place: Any) -> Found:
        return self._browser.find(EventFilter(), self._search, **place)


def _qids(found: Found) -> list[int]:
    return [int(str(hit.fields["QID"])) for hit in found.shown]


def test_pages_go_back_to_the_oldest_event_and_forth_again(store: EventStore, knowledge: Knowledge) -> None:
    pages = Pages(store, knowledge)
    there, found = [], pages.at()
    while True:
        there.append(_qids(found))
        if not found.older:
            break
        found = pages.at(older_than=found.older)
    assert [qid for page in there for qid in page] == list(range(199, -1, -1))
    assert (found.total, found.newer_ones) == (200, 150)
    back = [_qids(found)]
    while found.newer:
        found = pages.at(newer_than=found.newer)
        back.append(_qids(found))
    assert back == there[::-1]


def test_pages_of_a_search_that_few_events_meet(store: EventStore, knowledge: Knowledge) -> None:
    pages = Pages(store, knowledge, "severity=critical")
    first = pages.at()
    second = pages.at(older_than=first.older)
    assert (_qids(first)[0], _qids(second)[0], len(second.shown)) == (199, 99, PAGE)
    assert second.older is None
    assert _qids(pages.at(newer_than=second.newer)) == _qids(first)
    assert first.total == 100
    assert second.total is None


def test_events_of_the_same_moment_are_neither_lost_nor_shown_twice(tmp_path: Path, knowledge: Knowledge) -> None:
    store = EventStore(tmp_path / "same.sqlite")
    store.add([vuln(number, NOW) for number in range(120)])
    pages = Pages(store, knowledge)
    first = pages.at()
    second = pages.at(older_than=first.older)
    third = pages.at(older_than=second.older)
    assert _qids(first) + _qids(second) + _qids(third) == list(range(119, -1, -1))
    assert _qids(pages.at(newer_than=third.newer)) == _qids(second)
    store.close()


def test_a_search_stops_at_its_limit_says_so_and_goes_on_from_there(store: EventStore, knowledge: Knowledge) -> None:
    pages = Pages(store, knowledge, "signature_id>5 signature_id<8", scan_limit=90)
    looks = [pages.at()]
    while looks[-1].older:
        looks.append(pages.at(older_than=looks[-1].older))
    assert [(found.looked_at, found.stopped) for found in looks] == [(90, True), (90, True), (20, False)]
    assert [_qids(found) for found in looks] == [[], [], [7, 6]]
    assert status(looks[0], "All time").startswith("0 events among the 90 looked at, where the search stopped.")
    assert status(looks[2], "All time") == "2 events up to the oldest"
    assert _qids(pages.at(newer_than=looks[2].newer)) == []


def test_no_more_is_evaluated_than_what_is_shown_and_counted(tmp_path: Path, knowledge: Knowledge) -> None:
    store = EventStore(tmp_path / "many.sqlite")
    store.add([vuln(number, NOW + number) for number in range(3 * ENOUGH)])
    assert Pages(store, knowledge).at().looked_at == SAMPLE
    assert Pages(store, knowledge, "severity=critical").at().looked_at == 2 * SAMPLE - 1
    rare = Pages(store, knowledge, 'dest="host-3" severity=critical').at()
    assert (rare.looked_at, rare.ended, rare.stopped) == (ENOUGH, False, False)
    assert len(rare.hits) > PAGE
    assert status(rare, "All time").endswith(" events or more")
    assert Pages(store, knowledge, "QID=4711").at().looked_at == 1, "its text is looked up first"
    store.close()


@pytest.mark.parametrize(
    ("condition", "texts", "exact"),
    [
        ("STATUS=FIXED QID=17", ["FIXED", "17"], []),
        ('sourcetype="fake:vuln" "two words" st*r', ["two words", "st"], [("sourcetype", "fake:vuln")]),
        ("severity=critical signature_id=5 tag=vulnerability", [], []),
        ("eventtype=fake_open", ["ACTIVE"], [("sourcetype", "fake:vuln")]),
        ("`fake_macro`", ["FIXED"], []),
        ('CVSS=1.50 OS="a\'b" source=qual*', [], []),
    ],
)
def test_what_the_index_can_tell_before_fields_are_extracted(
    knowledge: Knowledge, condition: str, texts: list[str], exact: list[tuple[str, str]]
) -> None:
    search = parse_field_search(condition, knowledge)
    assert (list(search.texts), list(search.exact)) == (texts, exact)


@pytest.mark.parametrize(
    ("condition", "terms"),
    [
        ('a b="c d" AND e = f', [("", "a"), ("b", "c d"), ("e", "f")]),
        ("a OR NOT b c", [("", "c")]),
        ("(a OR b) NOT c NOT (d e) f", [("", "f")]),
        ("a OR (b c) d", [("", "d")]),
        ("a IN (b) c in (d) e", [("", "e")]),
        ('a!=b c>=5 d<"6" e', [("", "e")]),
        ("a, b", []),
        ('a="\\"" b', []),
        ("a | b", []),
    ],
)
def test_terms_that_every_event_must_have(condition: str, terms: list[tuple[str, str]]) -> None:
    assert plain_terms(condition) == terms


def test_a_search_finds_the_same_with_and_without_the_index(store: EventStore, knowledge: Knowledge) -> None:
    for condition in (
        "STATUS=fixed",
        "eventtype=fake_open QID=7*",
        "HOST-3 sourcetype=FAKE:vuln",
        "QID=1.0e1 OR QID=5",
    ):
        search = parse_field_search(condition, knowledge)
        plain = [row["id"] for row in store.events(newest_first=True) if search.holds(knowledge.event(row))]
        assert plain, condition
        assert [hit.row["id"] for hit in Browser(store, knowledge).find(EventFilter(), search).hits] == plain


@pytest.mark.parametrize("value", ["FIXED", "two words", 'a"b\\', "x|y", "1,2", "", "ä", "<b>", "OR"])
def test_a_value_becomes_a_condition_that_it_meets(knowledge: Knowledge, value: str) -> None:
    for name in ("STATUS", "odd name"):
        assert parse_field_search(as_condition(name, value), knowledge).holds({name: value})
        assert not parse_field_search(as_condition(name, value), knowledge).holds({name: f"{value}!"})


def test_fields_are_counted_with_their_top_values(store: EventStore, knowledge: Knowledge) -> None:
    known = {summary.name: summary for summary in field_summaries(Pages(store, knowledge).at().hits)}
    assert known["STATUS"].top == (("ACTIVE", 180), ("FIXED", 20))
    assert (known["QID"].distinct, known["QID"].numeric, len(known["QID"].top)) == (200, True, 10)
    assert (known["tag"].events, known["dest"].distinct, known["dest"].numeric) == (180, 7, False)
    assert not {"_raw", "_time", "_indextime"} & known.keys()


def test_an_event_shows_the_cims_fields_apart(store: EventStore, knowledge: Knowledge) -> None:
    event = Shown(Pages(store, knowledge).at().hits[0])
    assert dict(event.cim) == {
        "dest": ["host-3"],
        "signature": ["QID 199"],
        "signature_id": ["199"],
        "severity": ["critical"],
    }
    assert set(event.without) == set(CIM) - dict(event.cim).keys()
    assert (event.eventtypes, event.tags) == (["fake_open"], ["vulnerability"])
    assert [name for name, _ in event.others][:2] == ["eventtype", "tag"]
    assert not {name for name, _ in event.others} & {*CIM, "_raw", "_time"}


def test_times_are_counted_in_columns_without_a_gap(store: EventStore) -> None:
    assert timeline_of([]).columns == ()
    line = timeline_of([NOW, NOW + 3 * DAY_S, NOW + 90 * DAY_S, NOW + 90 * DAY_S])
    assert line.width == "1 day"
    assert [column.events for column in line.columns if column.events] == [1, 1, 2]
    assert all(one.end == two.start for one, two in zip(line.columns, line.columns[1:]))
    assert len(timeline_of([0, NOW]).columns) <= MOST_COLUMNS
    assert store.histogram(EventFilter(texts=("FIXED",)), NOW, 3600) == {0: 6, 1: 6, 2: 6, 3: 2}
    assert store.span(EventFilter(texts=("nowhere",))) is None


def test_time_ranges() -> None:
    assert chosen_range("24h", "", "", NOW).earliest == NOW - DAY_S
    assert chosen_range("nonsense", "", "", NOW).preset == "all"
    between = chosen_range("24h", "2026-11-20T10:00", "2026-11-21", NOW)
    assert between.preset == ""
    assert (for_input(between.earliest), for_input(between.latest)) == ("2026-11-20T10:00:00", "2026-11-21T00:00:00")
    assert chosen_range("", "", "2026-11-21", NOW).label == "before 2026-11-21 00:00:00"
    with pytest.raises(BadTimeError, match="'yesterday' is no time"):
        chosen_range("", "yesterday", "", NOW)


def test_an_address_of_splunks_search_page_is_understood() -> None:
    assert search_parameters({"q": "a | head", "earliest": "0", "latest": "now"}, NOW) == {"search": "a | head"}
    ago = search_parameters({"q": "a", "earliest": "-1d", "latest": "-1h"}, NOW)
    assert ago == {"search": "a", "from": for_input(NOW - DAY_S), "to": for_input(NOW - 3600)}
    assert search_parameters({"q": "a", "earliest": "long ago"}, NOW) == {"search": "a"}
    assert search_parameters({}, NOW) == {}


def test_marked_text_is_escaped() -> None:
    assert marked(f"a {HOSTILE} A", "<SCRIPT>") == ("a <mark>&lt;script&gt;</mark>alert(&#39;x&#39;)&lt;/script&gt; A")
    assert marked("a.b ab", "a.") == "<mark>a.</mark>b ab"
