"""From the events a script wrote to the events that are indexed: defaults of the stanza, breaking, known indexes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Callable

from standins.splunk.breaking import Breakers
from standins.splunk.store import Event, EventStore
from standins.splunk.stream import StreamEvent

_DEFAULT_INDEX = "default"


@dataclass(frozen=True)
class Indexer:
    """The indexing pipeline of one run, with the configuration as it was when the run started."""

    store: EventStore
    breakers: Breakers
    indexes: frozenset[str]
    defaults: Mapping[str, Mapping[str, str]]
    """By stanza name: index and host where an event names none."""
    complain: Callable[[str], None]

    def add(self, events: Sequence[StreamEvent]) -> int:
        """Indexes the events; returns how many there were after breaking. An unknown index loses its events."""
        rows = [row for event in events for row in self._rows(event)]
        if rows:
            self.store.add(rows)
        return len(rows)

    def _rows(self, event: StreamEvent) -> list[Event]:
        settings = {**self.defaults.get(event.stanza, {}), **{k: v for k, v in event.fields.items() if v}}
        index = settings.get("index", _DEFAULT_INDEX)
        index = "main" if index == _DEFAULT_INDEX else index
        if index not in self.indexes:
            self.complain(f"Received event for unconfigured/disabled/deleted index={index} with source={event.stanza}")
            return []
        sourcetype = settings.get("sourcetype") or event.stanza.partition("://")[0]
        template = Event(
            time=float(settings.get("time") or time.time()),
            index=index,
            host=settings.get("host", ""),
            source=settings.get("source") or event.stanza,
            sourcetype=sourcetype,
            stanza=event.stanza,
            raw="",
        )
        return [replace(template, raw=raw) for raw in self.breakers.of(sourcetype).events(event.data)]
