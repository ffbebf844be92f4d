"""The few types that everything else is said in. Plain data; nothing of HTTP, Splunk or files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, Protocol

from .frames import Batch

if TYPE_CHECKING:  # a tick that is not due must not load the XML library
    from xml.etree.ElementTree import Element


class Event(NamedTuple):
    """One event: its text, and when it happened (epoch seconds as text; "" where the record does not say)."""

    time: str
    text: str


_NOT_IN_CATEGORY = re.compile(r"[^A-Za-z0-9_.|-]")

SEPARATOR = "\x1e"
"""Stands between events that are told together: a character that XML forbids, so no event holds it."""


class Events(NamedTuple):
    """Events told together, because what is done with all their texts at once costs little: when each happened (see
    `Event`), and their texts, joined by `SEPARATOR`."""

    times: Sequence[str] = ()
    text: str = ""

    @classmethod
    def of(cls, events: Sequence[Event]) -> Events:
        return cls([event.time for event in events], SEPARATOR.join([event.text for event in events]))

    def each(self) -> list[Event]:
        return [Event(time, text) for time, text in zip(self.times, self.text.split(SEPARATOR))]


@dataclass(frozen=True)
class Request:
    """One API call as plain data, so that the next page can wait in a checkpoint.

    `resource` names the list that is asked; "" is the feed's first.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    resource: str = ""

    def as_json(self) -> dict[str, Any]:
        told = {"path": self.path, "params": dict(self.params), "method": self.method}
        return {**told, "resource": self.resource} if self.resource else told

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        params = {str(name): str(value) for name, value in data["params"].items()}
        return cls(str(data["path"]), params, str(data["method"]), str(data.get("resource", "")))


@dataclass(frozen=True)
class Window:
    """What one pull covers: everything the platform processed after `since`.

    `until` becomes the next `since`. It is the platform's time, known from the first answer on, and stays what it was
    when a killed pull goes on. All times are UTC, ``YYYY-MM-DDTHH:MM:SSZ``, and compare as text.
    `next` is the request to go on with; None before the first page was written.
    `full` ignores the checkpoint and does not move it; `resync` ignores it and moves it. `estimate` tells people how
    much a first pull will be.
    """

    since: str
    fingerprint: str
    full: bool = False
    until: str = ""
    next: Optional[Request] = None
    pages: int = 0
    resync: bool = False
    estimate: str = ""


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count` parts of all hosts: every host belongs to exactly one, also while hosts come and go."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def owns(self, host_id: int) -> bool:
        """Blocks of 4,096 ids, so that a part is a few ranges and not every n-th id."""
        return (host_id // 4096) % self.count == self.number - 1


class Page(Protocol):
    """One downloaded answer on disk, known to be whole and to be what was promised.

    `next` is the request of the following page, if there is one. `bad` records were left out, `first_bad` says why.
    """

    @property
    def request(self) -> Request:
        """What it answers."""

    @property
    def platform_time(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def next(self) -> Optional[Request]: ...

    @property
    def bad(self) -> int: ...

    @property
    def first_bad(self) -> str: ...

    def records(self) -> Iterable[Element]:
        """For what keeps records."""

    def batches(self) -> Iterable[Batch]:
        """For what writes events: those of many records at a time."""

    def discard(self) -> None: ...


class Form(Protocol):
    """What events look like where they go; `start` and `end` stand around all of them."""

    @property
    def start(self) -> bytes: ...

    @property
    def end(self) -> bytes: ...

    def rendered(self, events: Events) -> list[str]:
        """Each event as its receiver reads it."""


class EventSink(Protocol):
    """Where events go. `flush` returns once everything written has reached the receiver's pipe."""

    def write(self, event: Event) -> None: ...

    def pass_on(self, rendered: bytes, events: int) -> None:
        """Write events that were rendered before."""

    def flush(self) -> None: ...


class Log(Protocol):
    """Where lines for people go."""

    def info(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...


class Converted(NamedTuple):
    """What one record became. `moment` is the latest time the platform touched it; "" where it does not say.

    `tally` says what the record counts as in the summary of its group, see `tallied`.
    """

    record: int
    moment: str
    told: Events
    tally: str = ""

    @property
    def events(self) -> list[Event]:
        return self.told.each()


def tallied(group: int, category: str) -> str:
    """A `tally`: the record is one of `category` in its group; without one, the group was met.

    Only letters, digits and ``_ . | -`` count, because it stands in a line of its own kind.
    """
    return f"{group}:{_category(category)}"


@lru_cache(maxsize=256)
def _category(text: str) -> str:
    return _NOT_IN_CATEGORY.sub("_", text)


Converter = Callable[["Element"], Converted]
"""Record -> events, for one pull. Raises BadRecord for a record that cannot be mapped."""

Entry = tuple[str, ...]
"""One QID of the knowledge base: a text for each column of its table, see `populator.knowledge_tables`."""


class Table(NamedTuple):
    """One CSV lookup: its header, and the rows that entries give."""

    header: tuple[str, ...]
    rows: Callable[[Iterable[Entry]], Iterable[Entry]]


Knowledge = Callable[[str], Optional[Mapping[str, str]]]
"""QID -> its entry by column; None for a QID that the knowledge base does not hold."""


def knows_nothing(_qid: str) -> None:
    """The `Knowledge` of a pull that does not enrich."""
