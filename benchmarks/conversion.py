"""What conversion costs, in units of the least that can be done with a page: one pass of expat without handlers."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from qualys_ta.populator.host_detection import FEED
from qualys_ta.splunk import fields
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.xmlpage import CHUNK, Inspector, RecordReader

SINCE = "1999-01-01T00:00:00Z"


def passes(page: Path, tries: int = 3) -> tuple[float, float]:
    """The best of `tries` of judging a page while it arrives, and of turning it into the event stream, in passes."""
    unit = best(lambda: _raw(page), tries)
    return best(lambda: _judge(page), tries) / unit, best(lambda: _convert(page), tries) / unit


def best(work: Callable[[], None], tries: int) -> float:
    """Seconds of processor time of the fastest try."""
    return min(_seconds(work) for _ in range(tries))


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _raw(page: Path) -> None:
    with page.open("rb") as file:
        expat.ParserCreate().ParseFile(file)


def _judge(page: Path) -> None:
    inspector = Inspector(FEED.record)
    with page.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            inspector.feed(chunk)
    inspector.close()


def _convert(page: Path) -> None:
    convert = FEED.converter(fields.checked("vm", {}), SINCE)
    nothing = os.open(os.devnull, os.O_WRONLY)
    sink = StreamSink(nothing, "qualys://host_detection", FEED.sourcetype, "main", "host")
    try:
        with page.open("rb") as file:
            for record in RecordReader(FEED.record).records(file):
                for event in convert(record).events:
                    sink.write(event)
        sink.flush()
    finally:
        os.close(nothing)
