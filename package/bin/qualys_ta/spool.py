"""A page's events on disk: rendered, in order, and complete only once the page was found whole.

So nothing of a page that is not whole is ever written, and what a page becomes can be worked out by another process.
One frame per record: a line with its id, its moment and its tally (``-``: none) and the sizes of its events, then the
events.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional

from .errors import BadRecord
from .model import SEPARATOR, Converted, Events, Form
from .xmlpage import Noted, Told

SUFFIX = ".events"
_NONE = "-"

AT_ONCE = 1 << 15
"""Characters that are rendered and written together: each record alone costs half as much again."""

_MOMENT = re.compile(r"[0-9T:Z.+-]+")
_TALLY = re.compile(r"[0-9]+:[A-Za-z0-9_.|-]*")
"""What comes from the platform may be any text, and must not break the line that it stands in."""


class Frame(NamedTuple):
    """One record's events, as in the file."""

    record: int
    moment: str
    sizes: tuple[int, ...]
    data: bytes
    tally: str = ""

    def events(self) -> list[bytes]:
        found, start = [], 0
        for size in self.sizes:
            found.append(self.data[start : start + size])
            start += size
        return found


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

    def add(self, error: BadRecord) -> None:
        self.count += 1
        self.first = self.first or str(error)


@dataclass
class SpoolWriter:
    """Writes the events of records, in whatever form `convert` takes them, to `write`."""

    convert: Callable[[Any], Converted]
    form: Form
    write: Callable[[bytes], None]
    bad: Bad = field(default_factory=Bad)
    _waiting: list[Converted] = field(default_factory=list)
    _size: int = 0

    def take(self, records: Iterable[Any]) -> None:
        """Trees hold no cycles: without the garbage collector, which would walk them again and again, this costs a
        tenth less."""
        with_gc = gc.isenabled()
        gc.disable()
        try:
            for record in records:
                self._take(record)
            self._write()
        finally:
            if with_gc:
                gc.enable()

    def _take(self, record: Any) -> None:
        try:
            converted = self.convert(record)
        except BadRecord as error:
            self.bad.add(error)
            return
        self._waiting.append(converted)
        self._size += len(converted.told.text)
        if self._size > AT_ONCE:
            self._write()

    def _write(self) -> None:
        """What waits, rendered together, each record in a frame of its own."""
        told = [converted.told for converted in self._waiting if converted.told.times]
        times = [time for events in told for time in events.times]
        rendered = self.form.rendered(Events(times, SEPARATOR.join([events.text for events in told]))) if told else []
        is_ascii, start, parts = "".join(rendered).isascii(), 0, []
        for number, moment, events, tally in self._waiting:
            these = rendered[start : start + len(events.times)]
            start += len(these)
            sizes = " ".join([str(len(each if is_ascii else each.encode("utf-8"))) for each in these])
            told_moment = moment if _MOMENT.fullmatch(moment) else _NONE
            counts = tally if tally and _TALLY.fullmatch(tally) else _NONE
            parts.append(f"{number} {told_moment} {counts} {sizes}\n")
            parts += these
        self._waiting.clear()
        self._size = 0
        self.write("".join(parts).encode("utf-8"))


def frames(file: BinaryIO) -> Iterator[Frame]:
    """What a `SpoolWriter` wrote."""
    for line in file:
        record, moment, tally, *sizes = line.decode("ascii").split()
        told = tuple(map(int, sizes))
        data = file.read(sum(told))
        yield Frame(int(record), "" if moment == _NONE else moment, told, data, "" if tally == _NONE else tally)


def spool_path(page: Path) -> Path:
    return page.with_name(page.name + SUFFIX)
