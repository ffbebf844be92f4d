"""Where the records of a page go: in which order what is written, flushed and committed, and what is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from qualys_ta import output
from qualys_ta.feed import Conversion
from qualys_ta.model import Entry, Event, Request, Window
from qualys_ta.output import MOST_ENTRIES, EventOutput, KnowledgeOutput, Totals
from qualys_ta.populator.knowledge_base import FEED, event
from qualys_ta.populator.knowledge_tables import KEPT
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from support.core import PLATFORM_TIME, answer, detection, host, records
from support.pulls import ListLog, ListSink, MemoryPage, NothingSeen, converter
from support.vulns import RECORD, kb_answer, kb_settings, vuln


class Page(MemoryPage):
    """A page of the knowledge base."""

    def __init__(self, *vulns: str) -> None:
        super().__init__(b"", None, PLATFORM_TIME)
        self._vulns = vulns

    def records(self) -> Iterator[Element]:
        yield from records(kb_answer(*self._vulns), RECORD)


@dataclass
class Notes:
    """What happened, in its order."""

    steps: list[str] = field(default_factory=list)

    def note(self, step: str) -> Callable[[], None]:
        return lambda: self.steps.append(step)


class NotedStore(KnowledgeStore):
    """A store that tells what is done to it."""

    def __init__(self, path: Path, notes: Notes) -> None:
        super().__init__(path, KEPT)
        self._notes = notes

    def put(self, entries: Sequence[Entry]) -> int:
        self._notes.steps.append(f"put {len(entries)}")
        return super().put(entries)

    def commit(self) -> None:
        self._notes.steps.append("commit")
        super().commit()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def store(tmp_path: Path, notes: Notes) -> Iterator[NotedStore]:
    opened = NotedStore(tmp_path / "kb.db", notes)
    yield opened
    opened.close()


def knowledge(store: KnowledgeStore, notes: Notes, **changed: Any) -> KnowledgeOutput:
    parts: dict[str, Any] = {
        "name": "kb",
        "convert": FEED.resource.converter(Conversion(kb_settings())),
        "event": lambda entry: event(entry, with_texts=False),
        "with_events": True,
        "sink": ListSink(notes.steps.append),
        "store": store,
        "publish": notes.note("publish"),
        "log": ListLog(),
    }
    return KnowledgeOutput(**{**parts, **changed})


def taken(ours: KnowledgeOutput, *vulns: str) -> Totals:
    totals = Totals()
    ours.open(Window("", "f"))
    ours.take(Page(*vulns), totals)
    return totals


def test_events_are_with_splunk_before_the_store_says_they_were_sent(store: NotedStore, notes: Notes) -> None:
    ours = knowledge(store, notes)
    totals = taken(ours, vuln(QID=1), vuln(QID=2))
    assert notes.steps == ["put 2", "write", "write", "flush", "commit"]
    assert (totals.records, totals.events, totals.changed, totals.repeats) == (2, 2, 2, 0)


def test_lookups_are_made_when_the_window_closes(store: NotedStore, notes: Notes) -> None:
    ours = knowledge(store, notes, with_events=False)
    taken(ours, vuln(QID=1))
    assert "publish" not in notes.steps
    ours.close(Totals())
    assert notes.steps[-1] == "publish"


def test_a_page_goes_into_the_store_batch_by_batch(
    store: NotedStore, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_ENTRIES == 1000
    monkeypatch.setattr(output, "MOST_ENTRIES", 2)
    totals = taken(knowledge(store, notes), *(vuln(QID=qid) for qid in range(1, 6)))
    batch = ["put 2", "write", "write", "flush", "commit"]
    assert notes.steps == [*batch, *batch, "put 1", "write", "flush", "commit"]
    assert totals.records == 5


def test_only_what_changed_is_sent_again(store: NotedStore, notes: Notes) -> None:
    ours = knowledge(store, notes)
    taken(ours, vuln(QID=1), vuln(QID=2))
    totals = taken(ours, vuln(QID=1), vuln(QID=2, TITLE="new"), vuln(QID=3))
    assert (totals.records, totals.events, totals.changed, totals.repeats) == (3, 2, 2, 1)


def test_a_change_that_the_event_does_not_show_is_kept_and_not_sent(store: NotedStore, notes: Notes) -> None:
    """The long texts are not part of the event unless people want them there."""
    deep = FEED.resource.converter(Conversion(kb_settings(log_kb_additional_fields="1")))
    ours = knowledge(store, notes, convert=deep)
    taken(ours, vuln(QID=1, DIAGNOSIS="old"))
    totals = taken(ours, vuln(QID=1, DIAGNOSIS="new"))
    assert (totals.changed, totals.events) == (1, 0)


def test_without_the_option_nothing_is_sent_and_nothing_noted(store: NotedStore, notes: Notes) -> None:
    totals = taken(knowledge(store, notes, with_events=False), vuln(QID=1))
    assert (totals.changed, totals.events, totals.repeats) == (1, 0, 0)
    assert taken(knowledge(store, notes), vuln(QID=1)).events == 1


def test_bad_entries_are_left_out_and_named_once(store: NotedStore, notes: Notes) -> None:
    log = ListLog()
    totals = taken(knowledge(store, notes, log=log), vuln(QID="x"), vuln(QID=2), vuln(QID=""))
    assert (totals.records, totals.bad) == (1, 2)
    told = "WARNING Left out a VULN whose QID is 'x', not a number. More of the kind are counted, not logged."
    assert log.lines == [told]


def test_a_page_without_entries_changes_nothing(store: NotedStore, notes: Notes) -> None:
    assert taken(knowledge(store, notes)) == Totals()
    assert notes.steps == []


@dataclass
class Known:
    """Which hosts are remembered, and when that lasts."""

    notes: Notes
    hosts: list[int] = field(default_factory=list)

    def add(self, records: Sequence[int]) -> None:
        self.hosts += records

    def commit(self) -> None:
        self.notes.steps.append("known")


class Seen(NothingSeen):
    def __init__(self, notes: Notes) -> None:
        self.commit = notes.note("seen")  # type: ignore[method-assign]


def hosts_taken(notes: Notes, known: Known, owns: Callable[[int], bool], *hosts: str) -> list[Event]:
    sink = ListSink(notes.steps.append)
    ours = EventOutput(owns, sink, Seen(notes), known, ListLog())
    ours.take(MemoryPage(answer(*hosts), None, PLATFORM_TIME, converter()), Totals())
    return sink.received


def test_hosts_are_known_once_their_events_are_with_splunk(notes: Notes) -> None:
    known = Known(notes)
    events = hosts_taken(notes, known, lambda _: True, host(5), host(7, detections=[detection()]))
    assert len(events) == 3
    assert notes.steps == ["write", "write", "write", "flush", "seen", "known"]
    assert known.hosts == [5, 7]


def test_hosts_of_other_parts_and_those_left_out_are_not_known(notes: Notes) -> None:
    known = Known(notes)
    hosts_taken(notes, known, lambda host_id: host_id != 5, host(5), host("x"), host(7))
    assert known.hosts == [7]


@dataclass
class Counts:
    """Tallies that note what is done to them."""

    notes: Notes

    def begin(self, groups: Mapping[int, str]) -> None:
        self.notes.steps.append(f"begin {dict(groups)}")

    def add(self, records: Sequence[int], tallies: Sequence[str]) -> None:
        self.notes.steps += [f"count {record}" for record, _ in zip(records, tallies)]

    def commit(self) -> None:
        self.notes.steps.append("counted")

    def summaries(self) -> Iterator[Event]:
        yield Event("", "summary")

    def told(self, made_of: str) -> None:
        self.notes.steps.append(f"told {made_of}")


def test_a_group_begins_before_its_records_count_and_lasts_with_them(notes: Notes) -> None:
    asked = Request("/posture", {"policy_id": "7"})
    ours = EventOutput(
        owns=lambda _: True,
        sink=ListSink(notes.steps.append),
        seen=NothingSeen(),
        known=None,
        log=ListLog(),
        tallies=Counts(notes),
        begins=lambda request: {7: "as now"} if request == asked else {},
        counted="all of it",
    )
    ours.take(MemoryPage(answer(host(5)), None, PLATFORM_TIME, converter(), asked), Totals())
    assert notes.steps == ["begin {7: 'as now'}", "write", "count 5", "flush", "counted"]
    notes.steps.clear()
    ours.close(Totals(told_at=PLATFORM_TIME))
    assert notes.steps == ["write", "flush", "told all of it"]
