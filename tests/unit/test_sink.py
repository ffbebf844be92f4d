"""The event stream: whole events or none, whatever splunkd does with its end of the pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from qualys_ta.model import Event, Events
from qualys_ta.splunk import stream
from qualys_ta.splunk.sink import BUFFER, PipeClosed, Stopped, StreamSink
from qualys_ta.splunk.stream import StreamForm
from support.core import PACKAGE


class Reader:
    """splunkd's end of a pipe, read in the background."""

    def __init__(self) -> None:
        self._end, self.fd = os.pipe()
        self._read = bytearray()
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()

    def _drain(self) -> None:
        while chunk := os.read(self._end, 1 << 16):
            self._read += chunk

    def all(self) -> bytes:
        os.close(self.fd)
        self._thread.join()
        os.close(self._end)
        return bytes(self._read)


def sink_to(fd: int, **parts: Any) -> StreamSink:
    usual = {"stanza": "qualys://x", "sourcetype": "qualys:hostDetection", "index": "main", "host": "h"}
    return StreamSink(fd, StreamForm(**{**usual, **parts}))


def stream_of(events: list[Event], **parts: Any) -> Element:
    reader = Reader()
    sink = sink_to(reader.fd, **parts)
    for event in events:
        sink.write(event)
    sink.flush()
    sink.close()
    return fromstring(reader.all())


def test_event_as_splunkd_reads_it() -> None:
    (event,) = stream_of([Event("1714557600", "HOSTVULN: a")])
    assert event.attrib == {"stanza": "qualys://x"}
    assert {child.tag: child.text for child in event} == {
        "time": "1714557600",
        "source": "qualys",
        "sourcetype": "qualys:hostDetection",
        "index": "main",
        "host": "h",
        "data": "HOSTVULN: a",
    }


def test_what_is_not_known_is_not_written() -> None:
    (event,) = stream_of([Event("", "a")], index="", host="")
    assert [child.tag for child in event] == ["source", "sourcetype", "data"]


def test_names_are_escaped() -> None:
    (event,) = stream_of([Event("", "a")], stanza='qualys://"<&', index="<i>", host="&")
    assert event.get("stanza") == 'qualys://"<&'
    assert (event.findtext("index"), event.findtext("host")) == ("<i>", "&")


def test_nothing_written_is_an_empty_stream() -> None:
    assert len(stream_of([])) == 0
    reader = Reader()
    sink_to(reader.fd).close()
    assert reader.all() == b"<stream></stream>\n"


def test_what_was_not_flushed_is_not_written() -> None:
    reader = Reader()
    sink = sink_to(reader.fd)
    sink.write(Event("", "a"))
    sink.close()
    assert reader.all() == b"<stream></stream>\n"


def test_large_events_go_out_before_the_flush() -> None:
    reader = Reader()
    sink = sink_to(reader.fd)
    sink.write(Event("", "x" * BUFFER))
    assert sink.events == 1
    assert sink.bytes > BUFFER
    assert reader.all().endswith(b"</event>\n")


def test_events_that_were_rendered_before_pass_as_they_are() -> None:
    """Between others, in order; they are counted as so many."""
    reader = Reader()
    sink = sink_to(reader.fd)
    sink.write(Event("1", "a"))
    sink.pass_on(b"<event><data>b</data></event>\n<event><data>\xc3\xa9</data></event>\n", 2)
    sink.pass_on(b"", 0)
    sink.write(Event("1", "d"))
    sink.flush()
    sink.close()
    assert [event.findtext("data") for event in fromstring(reader.all())] == ["a", "b", "é", "d"]
    assert sink.events == 4


def test_rendered_events_go_out_before_the_flush_and_not_one_by_one() -> None:
    reader = Reader()
    sink = sink_to(reader.fd)
    sink.pass_on(b"x" * (BUFFER - 1), 1)
    assert sink.bytes == 0
    sink.pass_on(b"y", 1)
    assert reader.all() == b"<stream>" + b"x" * (BUFFER - 1) + b"y"


def test_many_times_are_forgotten_and_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands before an event is remembered by its time, up to a bound."""
    monkeypatch.setattr(stream, "MOST_STARTS", 2)
    form = StreamForm("qualys://x", "t", "", "")
    times = [str(number % 5) for number in range(20)] + [""]
    rendered = form.rendered(Events.of([Event(time, f"at {time}") for time in times]))
    found = fromstring("<stream>" + "".join(rendered) + "</stream>")
    assert [(event.findtext("time") or "", event.findtext("data")) for event in found] == [
        (time, f"at {time}") for time in times
    ]
    assert len(form._starts) <= 2


def test_reader_that_has_gone() -> None:
    end, fd = os.pipe()
    os.close(end)
    sink = sink_to(fd)
    sink.write(Event("", "a"))
    with pytest.raises(PipeClosed):
        sink.flush()
    os.close(fd)


def test_stop_between_writes_ends_at_once() -> None:
    reader = Reader()
    sink = sink_to(reader.fd)
    sink.write(Event("", "a"))
    with pytest.raises(Stopped):
        sink.stop()
    with pytest.raises(Stopped):
        sink.flush()
    sink.close()
    assert reader.all() == b"<stream></stream>\n"


def test_stop_during_a_write_ends_after_the_buffer_in_hand() -> None:
    """The pipe is full when the signal comes; the reader takes the rest, and no event is cut."""
    end, fd = os.pipe()
    sink = sink_to(fd)
    read = bytearray()
    full = threading.Event()

    def drain() -> None:
        full.wait()
        while chunk := os.read(end, 1 << 16):
            read.extend(chunk)

    def stop(*_: object) -> None:
        sink.stop()
        full.set()

    before = signal.signal(signal.SIGALRM, stop)
    thread = threading.Thread(target=drain)
    thread.start()
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(Stopped):
            _write_many(sink)
    finally:
        signal.signal(signal.SIGALRM, before)
    sink.close()
    os.close(fd)
    thread.join()
    os.close(end)
    events = fromstring(bytes(read))
    assert len(events) > 0
    assert all((event.findtext("data") or "").endswith("x" * 5000) for event in events)


TERMINATED = """
import os, signal, sys
from qualys_ta.model import Event, Events
from qualys_ta.splunk import stream
from qualys_ta.splunk.sink import Stopped, StreamSink
from qualys_ta.splunk.stream import StreamForm
sink = StreamSink(1, StreamForm("qualys://x", "t", "", ""))
signal.signal(signal.SIGTERM, lambda *_: sink.stop())
try:
    while True:
        sink.write(Event("", "begin " + "x" * 999 + " end"))
except Stopped:
    sink.close()
"""


def test_sigterm_leaves_whole_events() -> None:
    environ = {"PYTHONPATH": str(PACKAGE / "bin"), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen([sys.executable, "-c", TERMINATED], stdout=subprocess.PIPE, env=environ) as process:
        assert process.stdout
        start = process.stdout.read(1 << 17)
        process.send_signal(signal.SIGTERM)
        events = fromstring(start + process.stdout.read())
    assert process.returncode == 0
    assert {event.findtext("data") for event in events} == {"begin " + "x" * 999 + " end"}


def _write_many(sink: StreamSink) -> None:
    for number in range(100_000):
        sink.write(Event("", f"event {number} " + "x" * 5000))
