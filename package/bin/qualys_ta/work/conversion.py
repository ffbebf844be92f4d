"""A page's file -> its events on disk, in this process or in a child of its own.

Children are worth their start for large pages only. They get a page each; one that cannot be started, or that dies, is
no loss: this process does its work.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..errors import ConfigError, Ended, TryLater
from ..feed import Conversion, Feed
from ..model import Form, Knowledge, Log, knows_nothing
from ..populator import load
from ..private import open_new
from ..records import PageReader, RecordReader
from ..splunk.forms import form_of
from ..spool import Spooled, SpoolWriter, spool_path
from ..xmlpage import Noted

LARGE = 4_000_000
"""Bytes of a page from which on a child is worth its start (about a tenth of a second)."""


@dataclass(frozen=True)
class Recipe:
    """Plain data that says how the pages of one pull become events: it can be told to a child.

    `store` is the path of the knowledge base that findings are enriched from, "" where they are not; `form` is what
    `form_of` takes.
    """

    metric: str
    settings: Mapping[str, Any]
    since: str
    form: Mapping[str, str]
    store: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Converter:
    """Converts pages one after the other, in this process."""

    def __init__(self, recipe: Recipe, knowledge: Knowledge) -> None:
        self._feed: Feed = load(recipe.metric)
        self._form: Form = form_of(recipe.form)
        self._convert = self._feed.converter(Conversion(recipe.settings, recipe.since, knowledge))
        self._keeps_lines = self._feed.keeps_lines(recipe.settings)
        self._lock = threading.Lock()
        self._over = threading.Event()

    def close(self) -> None:
        """Nobody waits for events any more: what is being converted ends with `Ended`."""
        self._over.set()

    def convert(self, page: Path, noted: Optional[Noted], room: int) -> Spooled:
        """Write the events beside the page. `noted`: what an inspector saw of it, where one had to look.

        Raises `Unread` where one has to look, ConfigError where the events take more than `room` bytes, TryLater where
        the disk refuses, Refused as `RecordReader`. A spool that is not complete is removed.
        """
        with self._lock, _private(spool_path(page), room, self._over) as out:
            resource = self._feed.resource
            fast = PageReader(resource.record, resource.root, self._keeps_lines)
            reader = fast if noted is None else RecordReader(resource.record, noted, self._keeps_lines)
            writer = SpoolWriter(self._convert, self._form, out.write)
            with open(page, "rb") as file:
                writer.take(reader.records(file))
        return Spooled(fast.told, writer.bad.count, writer.bad.first, out.size)


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
        if self._waiting > 1 << 18:
            self.flush()

    def flush(self) -> None:
        if self.over.is_set():
            raise Ended("The pull ended while this page was converted.")
        self.size += self._waiting
        if self.size > self.room:
            raise ConfigError(
                f"The events of {self.path.stem} do not fit into what is left of the quota for {self.path.parent}: "
                "raise temp_quota_mb on the tab API, remove old pages there, or ask for fewer records per page.",
                "temp_quota_mb",
            )
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
