"""The calls of the gateway: ``/auth``, and the searches and counts of ``/fim/v2/…``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Callable, Optional

from ..clock import PlatformClock
from ..exchange import Answer, Call
from . import answers
from .answers import call_params, mistaken, of_json
from .holdings import FimHoldings
from .ledger import EVENT, IGNORED, INCIDENT, INCIDENT_EVENT, FimLedger
from .query import QueryError, Record, Search
from .tokens import Tokens

_MEMBERS = re.compile(r"/fim/v2/incidents/([^/]+)/events/(?:search|count)")
_OF_EVENTS = ("id", "processedTime", "dateTime", "severity", "platform", "action", "class", "type", "asset.name")
_OF_INCIDENTS = ("id", "createdBy.date", "lastUpdatedBy.date", "status", "approvalStatus", "changeType", "name")
PIECE = 20
"""Records that are sent together."""


class GatewayResources:
    """Answers a call that has been let in."""

    def __init__(
        self, holdings: FimHoldings, ledger: FimLedger, tokens: Tokens, clock: PlatformClock, most: Optional[int]
    ) -> None:
        self._holdings = holdings
        self._ledger = ledger
        self._tokens = tokens
        self._clock = clock
        self._most = most

    @property
    def routes(self) -> dict[str, Callable[[Call], Answer]]:
        return {
            answers.AUTH: self.auth,
            answers.EVENTS: self.events,
            answers.IGNORED: self.ignored,
            answers.INCIDENTS: self.incidents,
            answers.INCIDENT_EVENTS: self.members,
        }

    def auth(self, call: Call) -> Answer:
        """A token for a user and a password: HTTP 201, plain text (facts §0.2)."""
        token = self._tokens.give(call.params)
        if token is None:
            return mistaken(401, "Bad credentials.", self._clock.now())
        return Answer.of(201, f"{token}\n", "text/plain;charset=UTF-8")

    def events(self, call: Call) -> Answer:
        return self._search(call, self._holdings.events, _OF_EVENTS, (EVENT,))

    def ignored(self, call: Call) -> Answer:
        return self._search(call, self._holdings.ignored, _OF_EVENTS, (IGNORED,))

    def incidents(self, call: Call) -> Answer:
        return self._search(call, self._holdings.incidents, _OF_INCIDENTS, (INCIDENT,))

    def members(self, call: Call) -> Answer:
        """The events of one incident."""
        named = _MEMBERS.fullmatch(call.path)
        found = self._holdings.members(named[1]) if named else None
        if found is None or not named:
            return mistaken(404, "Incident not found.", self._clock.now())
        return self._search(call, found, _OF_EVENTS, (INCIDENT_EVENT, named[1]))

    def _search(self, call: Call, held: Iterable[Record], fields: Sequence[str], noted: tuple[str, ...]) -> Answer:
        if call.method != "POST":
            return mistaken(400, f"Request method {call.method} not supported.", self._clock.now())
        try:
            search = Search.of(call_params(call), fields)
            if call.path.endswith("/count"):
                return of_json({"count": len(search.chosen(held))})
            page = self._limited(search).records(held)
        except (QueryError, ValueError) as error:
            return mistaken(400, str(error), self._clock.now())
        for _, record in page:
            self._ledger.note(*noted, record["id"])
        if call.twist == "loop" and search.after is not None and page:
            page = [*page[:-1], (list(search.after), page[-1][1])]
        records = [
            {"sortValues": [] if call.twist == "no_sort_values" else values, "data": data} for values, data in page
        ]
        return replace(of_json([]), body=_written(records))

    def _limited(self, search: Search) -> Search:
        return replace(search, size=min(search.size, self._most)) if self._most else search


def _written(records: Sequence[Any]) -> Iterator[bytes]:
    """A list in pieces that end anywhere, also within a character."""
    if not records:
        yield b"[]"
        return
    text = b"".join(of_json(records).body)
    size = max(len(text) * PIECE // len(records) + 7, 1)
    for start in range(0, len(text), size):
        yield text[start : start + size]
