"""What conversion costs, in units of the least that can be done with a page: one pass of expat without handlers."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from qualys_ta.model import Conversion, Event, Feed, Resource
from qualys_ta.output import KnowledgeOutput, Totals
from qualys_ta.populator import host_detection, knowledge_base, knowledge_tables
from qualys_ta.splunk import fields
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.work.tables import SLIM, TEXTS, write_knowledge
from qualys_ta.xmlpage import CHUNK, Inspector, Noted, RecordReader

SINCE = "1999-01-01T00:00:00Z"


@dataclass(frozen=True)
class Passes:
    """What was done with a page, in raw passes of expat over it."""

    judged: float
    converted: float


def hosts(page: Path, tries: int = 3) -> Passes:
    """Judging a page of host detections while it arrives; turning it into the event stream."""
    return _passes(page, host_detection.FEED.resource, lambda: _stream(page), tries)


def knowledge(page: Path, with_texts: bool, tries: int = 3) -> Passes:
    """Judging a knowledge base while it arrives; taking it into a new store and writing the lookups."""
    return _passes(page, knowledge_base.FEED.resource, lambda: _keep(page, with_texts), tries)


def _passes(page: Path, resource: Resource, convert: Callable[[], None], tries: int) -> Passes:
    unit = best(lambda: _raw(page), tries)
    return Passes(best(lambda: _judge(page, resource), tries) / unit, best(convert, tries) / unit)


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


def _judge(page: Path, resource: Resource) -> None:
    inspector = Inspector(resource.record)
    with page.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            inspector.feed(chunk)
    inspector.close()


@dataclass(frozen=True)
class _DiskPage:
    """A page that was found whole and clean."""

    path: Path
    resource: Resource
    size: int = 0
    platform_time: str = SINCE
    next: None = None

    def records(self) -> Iterator[Element]:
        with self.path.open("rb") as file:
            yield from RecordReader(self.resource.record, Noted()).records(file)

    def discard(self) -> None:
        """It is measured again."""


def _stream(page: Path) -> None:
    feed = host_detection.FEED
    convert = feed.converter(Conversion(fields.checked("vm", {}), SINCE))
    with _nowhere(feed) as sink:
        for record in _DiskPage(page, feed.resource).records():
            for event in convert(record).events:
                sink.write(event)
        sink.flush()


def _keep(page: Path, with_texts: bool) -> None:
    feed, what = knowledge_base.FEED, TEXTS if with_texts else SLIM
    settings = fields.checked("kb", {"log_kb_additional_fields": str(int(with_texts))})
    with tempfile.TemporaryDirectory(dir=page.parent) as name, _nowhere(feed) as sink:
        folder = Path(name)
        with contextlib.closing(KnowledgeStore(folder / "store.db", knowledge_tables.KEPT)) as store:
            output = KnowledgeOutput(
                name=feed.name,
                convert=feed.converter(Conversion(settings)),
                event=lambda _entry: Event("", ""),
                with_events=False,
                sink=sink,
                store=store,
                publish=lambda: None,
                log=Log(folder / "log", feed.name),
            )
            output.take(_DiskPage(page, feed.resource), Totals())
            write_knowledge(folder, store, what)


@contextlib.contextmanager
def _nowhere(feed: Feed) -> Iterator[StreamSink]:
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        yield StreamSink(nothing, f"qualys://{feed.name}", feed.sourcetype, "main", "host")
    finally:
        os.close(nothing)
