"""Looking through the indexed events from the newest on: a page of them, and the fields they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from standins.splunk.event_filter import EventFilter
from standins.splunk.field_search import FieldSearch
from standins.splunk.search import Knowledge
from standins.splunk.search.values import Fields, number, values_of
from standins.splunk.store import EventRow, EventStore, Place
from standins.splunk.timeline import Timeline, timeline, timeline_of

PAGE = 50
"""Events shown at once."""
SAMPLE = 500
"""Events found whose fields are counted; evaluating one takes a third of a millisecond."""
ENOUGH = 2_000
"""Events evaluated after which a whole page is enough, and no sample is filled up."""
SCAN_LIMIT = 10_000
"""Events evaluated for one page, which takes three seconds: a condition may be met by none of them."""
TOP_VALUES = 10
_NOT_COUNTED = frozenset({"_raw", "_time", "_indextime"})


@dataclass(frozen=True)
class Hit:
    """An event that was found; no fields where the knowledge objects are not understood."""

    row: EventRow
    fields: Fields

    @property
    def place(self) -> Place:
        return self.row["time"], self.row["id"]


@dataclass(frozen=True)
class Found:
    """One page of what was found, newest first."""

    hits: Sequence[Hit]
    """From the first one shown on, at most `SAMPLE`."""
    looked_at: int
    ended: bool
    """There are no others behind these."""
    stopped: bool
    """There may be others, but as many events were looked at as may be."""
    total: Optional[int]
    """How many there are at all; None where only looking at more of them would tell."""
    newer_ones: int
    """How many stand before this page; 0 where the total is not known."""
    newer: Optional[Place]
    """Where the page before ends."""
    older: Optional[Place]
    """Behind what the next page begins."""
    timeline: Timeline

    @property
    def shown(self) -> Sequence[Hit]:
        return self.hits[:PAGE]


@dataclass(frozen=True)
class _Scan:
    hits: list[Hit]
    looked_at: int
    last: Optional[Place]
    ended: bool


@dataclass(frozen=True)
class Browser:
    """Looks through one store with one app's knowledge, or with none where that is not understood."""

    store: EventStore
    knowledge: Optional[Knowledge]
    scan_limit: int = SCAN_LIMIT

    def find(
        self,
        chosen: EventFilter,
        search: Optional[FieldSearch] = None,
        *,
        older_than: Optional[Place] = None,
        newer_than: Optional[Place] = None,
    ) -> Found:
        """The newest page, the one behind `older_than`, or the one before `newer_than`."""
        chosen = search.narrow(chosen) if search else chosen
        start = self._start_before(chosen, search, newer_than) if newer_than else older_than
        scan = self._scan(chosen, search, start, SAMPLE)
        first = scan.hits[0].place if scan.hits else start
        whole = scan.ended and not start
        counted = search is None and not whole
        return Found(
            scan.hits,
            scan.looked_at,
            ended=scan.ended,
            stopped=not scan.ended and scan.looked_at >= self.scan_limit,
            total=len(scan.hits) if whole else self.store.number(chosen) if counted else None,
            newer_ones=self.store.number(chosen, first) if start and search is None else 0,
            newer=first if start else None,
            older=scan.hits[PAGE - 1].place if len(scan.hits) > PAGE else None if scan.ended else scan.last,
            timeline=self._timeline(chosen) if counted else timeline_of([hit.row["time"] for hit in scan.hits]),
        )

    def _start_before(self, chosen: EventFilter, search: Optional[FieldSearch], end: Place) -> Optional[Place]:
        """Behind what the page that ends just before `end` begins; None where that is the newest."""
        scan = self._scan(chosen, search, end, PAGE, newer=True)
        first = scan.hits[-1].place if len(scan.hits) == PAGE else scan.last
        return (first[0], first[1] + 1) if first and not scan.ended else None

    def _scan(
        self,
        chosen: EventFilter,
        search: Optional[FieldSearch],
        start: Optional[Place],
        wanted: int,
        *,
        newer: bool = False,
    ) -> _Scan:
        """Looks at events until `wanted` are found, or a page in many, and it is known whether there is another."""
        hits: list[Hit] = []
        looked_at = 0
        while looked_at < self.scan_limit:
            limit = min(wanted + 1, self.scan_limit - looked_at)
            rows = self.store.next_events(chosen, start, limit, newer=newer)
            for row in rows:
                if len(hits) == wanted or (looked_at >= ENOUGH and len(hits) > PAGE):
                    return _Scan(hits, looked_at, start, ended=False)
                hit = Hit(row, self.knowledge.event(row) if self.knowledge else {})
                start, looked_at = hit.place, looked_at + 1
                hits += [hit] if search is None or search.holds(hit.fields) else []
            if len(rows) < limit:
                return _Scan(hits, looked_at, start, ended=True)
        return _Scan(hits, looked_at, start, ended=False)

    def _timeline(self, chosen: EventFilter) -> Timeline:
        span = self.store.span(chosen)
        return (
            timeline(*span, lambda start, width_s: self.store.histogram(chosen, start, width_s)) if span else Timeline()
        )


@dataclass(frozen=True)
class FieldSummary:
    """What a field looks like in the events found."""

    name: str
    events: int
    top: tuple[tuple[str, int], ...]
    """The most frequent values, and how many events have each."""
    distinct: int
    numeric: bool


def field_summaries(hits: Sequence[Hit]) -> list[FieldSummary]:
    """All fields of these events, by name."""
    counted: dict[str, Counter[str]] = {}
    events: Counter[str] = Counter()
    for hit in hits:
        for name in hit.fields.keys() - _NOT_COUNTED:
            events[name] += 1
            counted.setdefault(name, Counter()).update(set(values_of(hit.fields, name)))
    return [_summary(name, events[name], counted[name]) for name in sorted(counted, key=str.lower)]


def _summary(name: str, events: int, values: Counter[str]) -> FieldSummary:
    top = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES]
    numeric = all(number(value) is not None for value in values)
    return FieldSummary(name, events, tuple(top), len(values), numeric)
