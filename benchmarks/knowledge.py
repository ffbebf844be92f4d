"""The knowledge base: its memory by the size of the page, and what a page costs to take into the lookups."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.parsers import expat

from benchmarks import memory
from benchmarks.converted import FORM, SINCE
from benchmarks.figures import Bench, Figure, most
from benchmarks.installed import installed
from qualys_ta.feed import Conversion
from qualys_ta.model import Event
from qualys_ta.output import KnowledgeOutput, Totals
from qualys_ta.populator import knowledge_base, knowledge_tables
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from qualys_ta.splunk.forms import form_of
from qualys_ta.splunk.knowledge_store import KnowledgeStore
from qualys_ta.splunk.log import Log
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.work.tables import SLIM, TEXTS, write_knowledge
from qualys_ta.xmlpage import CHUNK, Inspector, Noted

SMALL_MB, LARGE_MB = 10, 400
TRIES = 2
KINDS = (("slim", False, most(5)), ("all texts", True, most(7)))
RESOURCE = knowledge_base.FEED.resource


def figures(bench: Bench) -> Iterator[Figure]:
    with installed(bench.folder) as site:
        yield from memory.pulls(bench, site, "knowledge_base", (SMALL_MB, LARGE_MB), "Knowledge base")
    page = site.page
    bench.doing("reading the page")
    unit_s = _least(lambda: _raw(page))
    for what, with_texts, target in KINDS:
        bench.doing(f"taking it into lookups, {what}")
        yield Figure(f"Page to lookups, {what}", _least(partial(_keep, page, with_texts)) / unit_s, "units", target)
    yield Figure("Judging the page", _least(lambda: _judge(page)) / unit_s, "units")


def _least(work: Callable[[], None]) -> float:
    """Seconds of processor time of the fastest try."""
    return min(_seconds(work) for _ in range(TRIES))


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _raw(page: Path) -> None:
    with page.open("rb") as file:
        expat.ParserCreate().ParseFile(file)


def _judge(page: Path) -> None:
    inspector = Inspector(RESOURCE.record)
    with page.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            inspector.feed(chunk)
    inspector.close()


@dataclass(frozen=True)
class _Judged:
    """A page that was found whole and clean."""

    path: Path
    keeps_lines: bool
    size: int = 0
    platform_time: str = SINCE
    next: None = None
    bad: int = 0
    first_bad: str = ""

    def records(self) -> Iterator[Element]:
        with self.path.open("rb") as file:
            yield from RecordReader(RESOURCE.record, Noted(), self.keeps_lines).records(file)

    def batches(self) -> Iterator[None]:
        """There are none."""
        return iter(())

    def discard(self) -> None:
        """It is measured again."""


def _keep(page: Path, with_texts: bool) -> None:
    """Take the page into a new store, and write the lookups from it."""
    feed, what = knowledge_base.FEED, TEXTS if with_texts else SLIM
    settings = fields.checked("kb", {"log_kb_additional_fields": str(int(with_texts))})
    with tempfile.TemporaryDirectory(dir=page.parent) as name, open(os.devnull, "wb") as nowhere:
        folder = Path(name)
        with contextlib.closing(KnowledgeStore(folder / "store.db", knowledge_tables.KEPT)) as store:
            output = KnowledgeOutput(
                name=feed.name,
                convert=feed.resource.converter(Conversion(settings)),
                event=lambda _entry: Event("", ""),
                with_events=False,
                sink=StreamSink(nowhere.fileno(), form_of(FORM)),
                store=store,
                publish=lambda: None,
                log=Log(folder / "log", feed.name),
            )
            output.take(_Judged(page, feed.keeps_lines(settings)), Totals())
            write_knowledge(folder, store, what)
