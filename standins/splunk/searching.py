"""Whole searches over what is indexed: every event is evaluated once, however many panels search it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from standins.splunk.app_knowledge import AppKnowledge
from standins.splunk.event_filter import ALL
from standins.splunk.search import Knowledge
from standins.splunk.search.commands import Clock
from standins.splunk.search.errors import Place
from standins.splunk.search.values import Fields
from standins.splunk.store import EventRow, EventStore

SEARCHED = 20_000
"""The newest events, and the newest lines of the log, that a search sees: six seconds and 100 MB."""

_Content = tuple[object, ...]
_EVALUATED = ("raw", "time", "index", "host", "source", "sourcetype", "indexed_at")
"""All of an event that its fields depend on."""


@dataclass(frozen=True)
class Evaluated:
    """Events with their fields, newest first."""

    knowledge: Knowledge
    events: Sequence[Fields]
    left_out: int
    """Older ones that no search sees."""

    def search(self, spl: str, earliest: str = "", latest: str = "") -> list[Fields]:
        """The results of a search, its time modifiers seen from now and in local time. Raises KnowledgeError."""
        now = time.time()
        clock = Clock.within(earliest, latest, now, time.localtime(now).tm_gmtoff)
        return self.knowledge.parsed(spl, Place("search")).run(self._within(clock), clock)

    def _within(self, clock: Clock) -> Iterable[Fields]:
        for event in self.events:
            moment = float(str(event["_time"]))
            if clock.earliest <= moment and (clock.latest is None or moment < clock.latest):
                yield dict(event)


class Searching:
    """Safe to use from several threads; who comes while events are evaluated waits for it."""

    def __init__(
        self, store: EventStore, knowledge: AppKnowledge, logs: Path, log: Callable[[], list[EventRow]]
    ) -> None:
        self._store = store
        self._knowledge = knowledge
        self._logs = logs
        self._log = log
        self._lock = threading.Lock()
        self._evaluated: Optional[Evaluated] = None
        self._state: tuple[object, ...] = ()
        self._fields: dict[_Content, Fields] = {}
        """Of each event that was evaluated last time: a line more in the log shall not cost all of them again."""

    def current(self) -> Evaluated:
        """What there is now. Raises KnowledgeError for what the evaluator does not know."""
        with self._lock:
            knowledge, known = self._knowledge.current(), self._evaluated
            sizes = sorted((path.name, path.stat().st_size) for path in self._logs.glob("*.log"))
            state = (self._store.number(), self._store.last_id(), *sizes)
            if known is None or known.knowledge is not knowledge:
                self._fields.clear()
            if known is None or known.knowledge is not knowledge or state != self._state:
                known = self._evaluated = self._evaluate(knowledge)
                self._state = state
            return known

    def _evaluate(self, knowledge: Knowledge) -> Evaluated:
        rows = self._store.next_events(ALL, None, SEARCHED)
        lines = self._log()
        rows += lines[-SEARCHED:]
        rows.sort(key=_age, reverse=True)
        left_out = max(self._store.number() - SEARCHED, 0) + max(len(lines) - SEARCHED, 0)
        contents = [_content(row) for row in rows]
        before = self._fields
        self._fields = {
            content: before.get(content) or _slim(knowledge.event(row)) for content, row in zip(contents, rows)
        }
        return Evaluated(knowledge, [self._fields[content] for content in contents], left_out)


def _content(row: EventRow) -> _Content:
    return tuple(row[name] for name in _EVALUATED)


def _age(row: EventRow) -> tuple[float, float, int]:
    return row["time"], row["indexed_at"] or 0, row.get("id", 0)


def _slim(fields: Fields) -> Fields:
    return {sys.intern(name): value for name, value in fields.items()}
