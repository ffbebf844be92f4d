"""A page's events on disk: what was written is read, byte by byte."""

from __future__ import annotations

import gc
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Union
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualys_ta.errors import BadRecord
from qualys_ta.frames import Frame
from qualys_ta.model import Converted, Event, Events, Window, tallied
from qualys_ta.output import EventOutput, Totals
from qualys_ta.splunk.forms import form_of
from qualys_ta.spool import SpoolWriter, batches, spool_path
from support.core import PLATFORM_TIME, SINCE, answer, converted
from support.pulls import FORM, ListLog, ListSink, MemoryPage, NothingSeen, converter, fleet, rendered, unrendered

MOMENT = "2024-05-01T10:00:00Z"
ALLOWED = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff") | st.sampled_from(
    "\t\n\r"
)
EVENT = st.builds(Event, st.sampled_from(["", "0", "1714557600"]), st.text(ALLOWED, max_size=30))
RECORD = st.builds(
    Converted,
    st.integers(0, 10**18 - 1),
    st.sampled_from(["", MOMENT]),
    st.lists(EVENT | st.just(Event("1", ""))).map(Events.of),
    st.sampled_from(["", "7:"]) | st.builds(tallied, st.integers(0, 10**18 - 1), st.text(max_size=9)),
)


def spooled(*records: Union[Converted, BadRecord]) -> tuple[list[Frame], SpoolWriter]:
    """What is read of a spool that these were written to."""
    left = iter(records)

    def convert(_record: Element) -> Converted:
        made = next(left)
        if isinstance(made, BadRecord):
            raise made
        return made

    file = io.BytesIO()
    writer = SpoolWriter(convert, form_of(FORM), file.write)
    writer.take(Element("HOST") for _ in records)
    return [frame for batch in batches(io.BytesIO(file.getvalue())) for frame in batch.frames()], writer


def one(*events: Event, record: int = 7, moment: str = MOMENT) -> Frame:
    ((frame,), _) = spooled(Converted(record, moment, Events.of(events)))
    return frame


def read(frame: Frame) -> list[Event]:
    return [event for rendered_event in frame.events() for event in unrendered(rendered_event)]


TEXTS: dict[str, Sequence[Event]] = {
    "plain": [Event("1", "a"), Event("2", "bc")],
    "not ASCII": [Event("1", "é"), Event("2", "x" * 9), Event("3", "日本\U0001f600"), Event("", "ÿ")],
    "markup": [Event("1", "<a>&amp;]]>"), Event("1", "\r\n\n")],
    "empty": [Event("1", ""), Event("", ""), Event("1", "a"), Event("", "")],
    "none": [],
}


@pytest.mark.parametrize("kind", TEXTS)
def test_events_are_read_as_they_were_written(kind: str) -> None:
    events = TEXTS[kind]
    frame = one(*events)
    assert read(frame) == list(events)
    assert frame.data == b"".join(frame.events()) == rendered(events)
    assert len(frame.sizes) == len(events)


def test_a_record_that_says_nothing_of_time_has_no_moment() -> None:
    assert one(Event("1", "a"), moment="").moment == ""
    assert one(Event("1", "a")).moment == MOMENT


def test_bytes_that_look_like_the_next_record_are_text() -> None:
    """What is read is what the sizes say, never what the text says."""
    text = "1 - 5\nxxxxx\n8 - 3 4\n"
    found, _ = spooled(Converted(1, "", Events.of([Event("", text)])), Converted(2, "", Events.of([Event("", "b")])))
    assert [(frame.record, read(frame)) for frame in found] == [(1, [Event("", text)]), (2, [Event("", "b")])]


def test_records_keep_their_order_and_bad_ones_are_left_out() -> None:
    found, writer = spooled(
        Converted(9, "", Events()), BadRecord("a HOST without an ID"), Converted(3, "", Events()), BadRecord("another")
    )
    assert [frame.record for frame in found] == [9, 3]
    assert (writer.bad.count, writer.bad.first) == (2, "a HOST without an ID")


def test_a_record_without_a_bottom_is_left_out_as_a_bad_one() -> None:
    def convert(depth: int) -> Converted:
        return convert(depth + 1) if depth else Converted(7, "", Events())

    written: list[bytes] = []
    writer = SpoolWriter(convert, form_of(FORM), written.append)
    writer.take([0, 1, 0])
    assert [len(batch.records) for batch in batches(io.BytesIO(b"".join(written)))] == [2]
    assert (writer.bad.count, writer.bad.first) == (
        1,
        "a record whose elements stand in each other deeper than any of the platform's do",
    )


def test_records_without_events_do_not_wait_for_each_other_for_ever() -> None:
    written: list[bytes] = []
    SpoolWriter(lambda record: Converted(record, "", Events()), form_of(FORM), written.append).take(range(2000))
    sizes = [len(batch.records) for batch in batches(io.BytesIO(b"".join(written)))]
    assert sum(sizes) == 2000
    assert max(sizes) < 700


def test_nothing_written_is_nothing_read() -> None:
    assert spooled()[0] == []


@given(st.lists(RECORD, max_size=8))
def test_any_events_survive(records: list[Converted]) -> None:
    found, _ = spooled(*records)
    assert [(frame.record, frame.moment, frame.tally, read(frame)) for frame in found] == [
        (record.record, record.moment, record.tally, record.events) for record in records
    ]
    assert [tuple(frame.sizes) for frame in found] == [tuple(map(len, frame.events())) for frame in found]


@given(st.lists(st.integers(1, 12), unique=True, max_size=6), st.sampled_from(["0", "1"]), st.sampled_from(["0", "1"]))
def test_an_output_writes_what_a_direct_conversion_gives(hosts: list[int], summaries: str, findings: str) -> None:
    chosen = {"log_host_summary": summaries, "log_detections": findings}
    everyone = fleet(12)
    body = answer(*(everyone[number] for number in hosts))
    sink, totals = ListSink(), Totals()
    output = EventOutput(lambda _host_id: True, sink, NothingSeen(), None, ListLog())
    output.open(Window(SINCE, "f"))
    output.take(MemoryPage(body, None, PLATFORM_TIME, converter(**chosen)), totals)
    expected = [event for record in converted(body, **chosen) for event in record.events]
    assert sink.received == expected
    assert (totals.records, totals.events) == (len(hosts), len(expected))


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize("error", [None, ValueError("x")])
def test_the_garbage_collector_is_left_as_it_was(is_on: bool, error: Exception) -> None:
    def convert(_record: Element) -> Converted:
        assert not gc.isenabled()
        if error:
            raise error
        return Converted(1, "", Events())

    before = gc.isenabled()
    (gc.enable if is_on else gc.disable)()
    try:
        writer = SpoolWriter(convert, form_of(FORM), io.BytesIO().write)
        if error:
            with pytest.raises(ValueError, match="x"):
                writer.take([Element("HOST")])
        else:
            writer.take([Element("HOST")])
        assert gc.isenabled() == is_on
    finally:
        (gc.enable if before else gc.disable)()


def test_a_spool_lies_beside_its_page() -> None:
    assert spool_path(Path("/x/a.xml")) == Path("/x/a.xml.events")
