"""Index-time event breaking: what LINE_BREAKER and TRUNCATE of props.conf make of one `<event>`'s data.

Rules: props.conf.spec. The text of the first capturing group is dropped; what stands before it ends an event, what
stands after it begins the next. Without a LINE_BREAKER of its own a sourcetype's data stays one event here: splunkd
would break at newlines and merge again by its date rules, which an add-on of multi-line events must not rely on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pcre2

from standins.splunk.conf import Stanza, is_true

DEFAULT_TRUNCATE = 10_000
"""Bytes of an event that splunkd keeps where props.conf says nothing; 0 means all."""


@dataclass(frozen=True)
class Breaker:
    """How the events of one sourcetype are separated and cut."""

    pattern: Any
    truncate: int

    def events(self, data: str) -> list[str]:
        """The raw events in `data`, in order; separators at its end open no empty event."""
        pieces = self._pieces(data) if self.pattern else [data]
        return [self._cut(piece) for piece in pieces if piece]

    def _pieces(self, data: str) -> Iterator[str]:
        start = 0
        for match in self.pattern.finditer(data):
            end, resume = match.span(1)
            yield data[start:end]
            start = resume
        yield data[start:]

    def _cut(self, raw: str) -> str:
        encoded = raw.encode("utf-8")
        return raw if not 0 < self.truncate < len(encoded) else encoded[: self.truncate].decode("utf-8", "ignore")


class Breakers:
    """The breaker of each sourcetype, by the props.conf stanzas they are built from."""

    def __init__(self, props: Mapping[str, Stanza]) -> None:
        self._props = props
        self._built: dict[str, Breaker] = {}

    def of(self, sourcetype: str) -> Breaker:
        if sourcetype not in self._built:
            self._built[sourcetype] = self._build(sourcetype)
        return self._built[sourcetype]

    def _build(self, sourcetype: str) -> Breaker:
        stanza = self._props.get(sourcetype) or self._props.get("default")
        settings = stanza.settings if stanza else {}
        breaker = settings.get("LINE_BREAKER", "")
        single = breaker and not is_true(settings.get("SHOULD_LINEMERGE", "1"))
        return Breaker(
            pcre2.compile(breaker) if single else None,
            int(settings.get("TRUNCATE", DEFAULT_TRUNCATE)),
        )
