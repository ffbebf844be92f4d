"""What a correct client must end with of file integrity: tests and the demo compare an index with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Union

from ..clock import Moment, seconds
from .draw import Record
from .holdings import FimHoldings
from .query import found, milliseconds

Identity = tuple[str, ...]
Since = Union[Moment, None]
EVENT, IGNORED = "FIM_EVENT", "FIM_IGNORED_EVENT"
INCIDENT, INCIDENT_EVENT = "FIM_INCIDENT", "FIM_INCIDENT_EVENT"


class FimLedger:
    """Reads what the platform holds now, and counts what left the building."""

    def __init__(self, holdings: FimHoldings) -> None:
        self._holdings = holdings
        self._lock = threading.Lock()
        self.served: Counter[Identity] = Counter()

    def note(self, *identity: str) -> None:
        """An answer holds this record."""
        with self._lock:
            self.served[identity] += 1

    def events(self, since: Since = None, *, ignored: bool = False) -> Iterator[Identity]:
        """Each change that was processed since then."""
        held = self._holdings.ignored if ignored else self._holdings.events
        for event in held:
            if _is_since(event["processedTime"], since):
                yield (IGNORED if ignored else EVENT), event["id"]

    def incidents(self, since: Since = None) -> Iterator[Identity]:
        """Each incident that was created, updated or decided since then, in the state in which it is now, and its
        events: all of one that is new, of others those that were processed since then."""
        for incident in self._holdings.incidents:
            is_new = _is_since(incident["createdBy"]["date"], since)
            if is_new or any(
                _is_since(found(incident, name), since) for name in ("lastUpdatedBy.date", "approvalDate")
            ):
                yield state(incident)
            for event in self._holdings.members(incident["id"]) or ():
                if is_new or _is_since(event["processedTime"], since):
                    yield INCIDENT_EVENT, incident["id"], event["id"]

    def identities(self) -> Iterator[Identity]:
        """All there is now."""
        yield from self.events()
        yield from self.events(ignored=True)
        yield from self.incidents()

    def records(self) -> dict[str, Record]:
        """Id -> record of all changes and incidents there are."""
        holdings = self._holdings
        held = [*holdings.events, *holdings.ignored, *holdings.incidents]
        for incident in holdings.incidents:
            held.extend(holdings.members(incident["id"]) or ())
        return {each["id"]: each for each in held}

    def counts(self) -> dict[str, Any]:
        """Numbers only: what there is, and what was served."""
        return {
            "fim_events": sum(1 for _ in self.events()),
            "fim_ignored_events": sum(1 for _ in self.events(ignored=True)),
            **{f"{name}s".lower(): count for name, count in Counter(each[0] for each in self.incidents()).items()},
            "served_fim": len(self.served),
            "served_fim_records": sum(self.served.values()),
        }


def state(incident: Record) -> Identity:
    """An incident, and what may change of it."""
    return INCIDENT, incident["id"], incident["status"], incident["approvalStatus"], str(incident["comment"])


def _is_since(value: Any, since: Since) -> bool:
    moment = milliseconds(value)
    return since is None or (moment is not None and moment >= seconds(since) * 1000)
