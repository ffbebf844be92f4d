"""A page's events on disk: rendered, in order, and complete only once the page was found whole.

So nothing of a page that is not whole is ever written, and what a page becomes can be worked out by another process.
Many records stand together, see `Batch`.
"""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional

from .errors import UNMAPPED, left_out
from .frames import Batch
from .model import SEPARATOR, Converted, Events, Form
from .packed import packed, unpacked
from .xmlpage import Noted, Told

SUFFIX = ".events"

AT_ONCE = 1 << 15
"""Characters that are rendered, written and passed on together: each record alone costs half as much again."""

ALONE = 50
"""Characters that a record without events counts for, so that a batch is some hundred records at most."""


class Spooled(NamedTuple):
    """What came of a page: what it says around its records, those that were left out, and the bytes of the spool."""

    told: Told
    bad: int = 0
    first_bad: str = ""
    size: int = 0


class Asked(NamedTuple):
    """What a page answers: the name of the resource, and the parameters of the request."""

    resource: str = ""
    params: Mapping[str, str] = {}


Convert = Callable[[Path, Optional[Noted], int, Asked], Spooled]
"""Page, what an inspector noted of it where one had to look, bytes it may take, what it answers -> its events on disk.
"""


@dataclass
class Bad:
    """Records that were left out: how many, and what was wrong with the first."""

    count: int = 0
    first: str = ""

    def add(self, error: Exception) -> None:
        self.count += 1
        self.first = self.first or left_out(error)


@dataclass
class SpoolWriter:
    """Writes the events of records, in whatever form `convert` takes them, to `write`; with `once`, of each record the
    first time it comes."""

    convert: Callable[[Any], Converted]
    form: Form
    write: Callable[[bytes], None]
    bad: Bad = field(default_factory=Bad)
    once: bool = False
    _told: set[int] = field(default_factory=set)

    def take(self, records: Iterable[Any]) -> None:
        """Trees hold no cycles: without the garbage collector, which would walk them again and again, this costs a
        tenth less."""
        with_gc = gc.isenabled()
        gc.disable()
        try:
            self._take(records)
        finally:
            if with_gc:
                gc.enable()

    def _take(self, records: Iterable[Any]) -> None:
        waiting: list[Converted] = []
        size, convert = 0, self.convert
        for record in records:
            try:
                converted = convert(record)
            except UNMAPPED as error:
                self.bad.add(error)
                continue
            if self.once:
                if converted.record in self._told:
                    continue
                self._told.add(converted.record)
            waiting.append(converted)
            size += len(converted.told.text) + ALONE
            if size > AT_ONCE:
                self._write(waiting)
                waiting, size = [], 0
        if waiting:
            self._write(waiting)

    def _write(self, waiting: list[Converted]) -> None:
        """Records, rendered together."""
        numbers, moments, told, tallies = zip(*waiting)
        times = [time for events in told for time in events.times]
        text = SEPARATOR.join([events.text for events in told if events.times])
        rendered = self.form.rendered(Events(times, text)) if times else []
        written = "".join(rendered)
        data = written.encode("utf-8")
        is_ascii = len(data) == len(written)
        sizes = [len(event if is_ascii else event.encode("utf-8")) for event in rendered]
        self.write(packed((numbers, moments, tallies, [len(events.times) for events in told], sizes, data)))


def batches(file: BinaryIO) -> Iterator[Batch]:
    """What a `SpoolWriter` wrote."""
    return itertools.starmap(Batch, unpacked(file))


def spool_path(page: Path) -> Path:
    return page.with_name(page.name + SUFFIX)
