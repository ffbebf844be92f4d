"""A page's file -> its events on disk, in this process or in a child of its own.

Children are worth their start for large pages only. They get a page each; one that cannot be started, or that dies, is
no loss: this process does its work.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from ..errors import Ended, Refused, TryLater, no_room
from ..feed import Conversion, Feed, Joiner, Resource
from ..glossary import PageGlossary
from ..model import Converted, Form, Knowledge, Log, knows_nothing
from ..packed import packed, unpacked
from ..populator import load
from ..private import open_new
from ..reading import page_reader, record_reader
from ..records import RecordReader
from ..splunk.forms import form_of
from ..spool import Asked, Spooled, SpoolWriter, spool_path
from ..xmlpage import TOO_DEEP, Noted
from .beside import told_beside

GLOSSARY, WAITING = ".glossary", ".waiting"
"""What is added to a page's name for files that are needed while it is converted."""

AT_ONCE = 1 << 16
"""Bytes of a write. With more at once the memory is given back to the system and faulted in again: a tenth slower."""

_ASKED = Asked()

ANSWERED = "HEADER/DATETIME"
"""Where an answer whose resource is timed says its time."""

KEPT = 8 << 20
"""Bytes of freed memory that malloc may keep."""

LARGE = 4_000_000
"""Bytes of a page from which on a child is worth its start (about a tenth of a second)."""


@dataclass(frozen=True)
class Recipe:
    """Plain data that says how the pages of one pull become events: it can be told to a child.

    `store` is the path of the knowledge base that findings are enriched from, "" where they are not; `form` is what
    `form_of` takes. `start` and `whole` as in `Conversion`, but for the keys, which are texts in JSON.
    """

    metric: str
    settings: Mapping[str, Any]
    since: str
    form: Mapping[str, str]
    store: str = ""
    start: str = ""
    whole: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _keep_freed_memory() -> None:
    """glibc gives memory back when more than 128 KB at the end of a heap are free, and each chunk of a page frees more:
    to fault it in again for the next costs up to a tenth of all. It keeps twice as much as the largest block that was
    freed (mallopt(3), M_MMAP_THRESHOLD), so free one that nobody ever wrote to."""
    bytes(KEPT // 2)


class Converter:
    """Converts pages one after the other, in this process."""

    def __init__(self, recipe: Recipe, knowledge: Knowledge) -> None:
        self._recipe = recipe
        self._feed: Feed = load(recipe.metric)
        whole = {int(group): made_of for group, made_of in recipe.whole.items()}
        self._conversion = Conversion(recipe.settings, recipe.since, knowledge, start=recipe.start, whole=whole)
        self._converters: dict[str, Callable[[Element], Converted]] = {}
        self._keeps_lines = self._feed.keeps_lines(recipe.settings)
        self._lock = threading.Lock()
        self._over = threading.Event()
        _keep_freed_memory()

    def close(self) -> None:
        """Nobody waits for events any more: what is being converted ends with `Ended`."""
        self._over.set()

    def convert(self, page: Path, noted: Optional[Noted], room: int, asked: Asked = _ASKED) -> Spooled:
        """Write the events beside the page. `noted`: what an inspector saw of it, where one had to look.

        Raises `Unread` where one has to look, ConfigError where the events take more than `room` bytes, TryLater where
        the disk refuses, Refused as `RecordReader`. A spool that is not complete is removed.
        """
        resource = self._feed.resource_named(asked.resource)
        fast = page_reader(resource, self._keeps_lines)
        reader = fast if noted is None else record_reader(resource, noted, self._keeps_lines)
        with self._lock, _private(spool_path(page), room, self._over) as out, open(page, "rb") as file:
            if resource.glossary:
                with contextlib.closing(PageGlossary(page.with_name(page.name + GLOSSARY), room)) as glossary:
                    joiner = resource.joiner(self._joined(asked, reader), glossary)
                    writer = SpoolWriter(joiner.converted, self._form(resource), out.write)
                    writer.take(self._kept(joiner, reader.lists(file), page, room))
            else:
                convert, form = self._converter(resource, reader, asked, page), self._form(resource)
                writer = SpoolWriter(convert, form, out.write, once=resource.once)
                writer.take(reader.records(file))
        return Spooled(fast.told, writer.bad.count, writer.bad.first, out.size)

    def _converter(
        self, resource: Resource, reader: object, asked: Asked, page: Path
    ) -> Callable[[Element], Converted]:
        """One for all pages of the resource: it remembers what they have in common. One that depends on its answer or
        its request is made anew."""
        if resource.of_request:
            return resource.converter(replace(self._conversion, asked=asked.params))
        if resource.timed and isinstance(reader, RecordReader):
            told_at, beside = partial(reader.before, ANSWERED), told_beside(page)
            return resource.converter(replace(self._conversion, told_at=told_at, beside=beside))
        if resource.name not in self._converters:
            self._converters[resource.name] = resource.converter(self._conversion)
        return self._converters[resource.name]

    def _joined(self, asked: Asked, reader: object) -> Conversion:
        """What the joiner of one answer may know."""
        before = reader.before if isinstance(reader, RecordReader) else self._conversion.before
        return replace(self._conversion, asked=asked.params, before=before)

    def _form(self, resource: Resource) -> Form:
        told = dict(self._recipe.form)
        if resource.sourcetype and "sourcetype" in told:
            told["sourcetype"] = resource.sourcetype
        return form_of(told)

    def _kept(self, joiner: Joiner, lists: Iterable[tuple[Sequence[Any], str]], page: Path, room: int) -> Iterator[Any]:
        """The records of an answer, once all of it was read: they wait on disk for the glossary."""
        path = page.with_name(page.name + WAITING)
        try:
            with _private(path, room, self._over) as out:
                for elements, owner in lists:
                    kept = kept_of(joiner, elements, owner)
                    if kept is not None:
                        out.write(packed(kept))
            with open(path, "rb") as file:
                yield from chain.from_iterable(map(joiner.records, unpacked(file)))
        finally:
            path.unlink(missing_ok=True)


def kept_of(joiner: Joiner, elements: Sequence[Element], owner: str) -> Any:
    """See `Joiner.keep`. Raises Refused: without one element of a glossary others would say less than they do."""
    try:
        return joiner.keep(elements, owner)
    except RecursionError:
        raise Refused(TOO_DEEP) from None


@dataclass
class _Limited:
    """A file that holds at most `room` bytes, and takes no more once it is `over`."""

    path: Path
    fd: int
    room: int
    over: threading.Event
    size: int = 0
    _parts: list[bytes] = field(default_factory=list)
    _waiting: int = 0

    def write(self, data: bytes) -> None:
        self._parts.append(data)
        self._waiting += len(data)
        if self._waiting > AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self.over.is_set():
            raise Ended("The pull ended while this page was converted.")
        self.size += self._waiting
        if self.size > self.room:
            raise no_room(f"The events of {self.path.stem} do not fit", "what is", self.path.parent)
        view = memoryview(b"".join(self._parts))
        self._parts.clear()
        self._waiting = 0
        while view:
            view = view[os.write(self.fd, view) :]


@contextlib.contextmanager
def _private(path: Path, room: int, over: threading.Event) -> Iterator[_Limited]:
    try:
        out = _Limited(path, open_new(path), room, over)
        try:
            yield out
            out.flush()
        finally:
            os.close(out.fd)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise TryLater(f"Cannot write events to {path.parent}: {error.strerror}. Free disk space there.") from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def knowledge_of(store: str, log: Log) -> Iterator[Knowledge]:
    """The knowledge base at `store`. Raises ConfigError where it cannot be read."""
    if not store:
        yield knows_nothing
        return
    from ..splunk.knowledge_store import KnowledgeReader  # SQLite, which no child needs that does not enrich

    with contextlib.closing(KnowledgeReader(Path(store), log)) as reader:
        yield reader.entry
