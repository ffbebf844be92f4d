"""The calls of a pull of incidents: those created in the window, those to look at again, then the events of each.

Everything after the first list is a part: incidents of before the window that were open, incidents that were updated,
and for each incident its events, in ascending order of their creation. What is left after a part is a request that is
never sent: it says behind which part to go on, and what the parts are is asked for again.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Optional
from urllib.parse import quote

from ..chains import Course
from ..errors import ConfigError, Refused
from ..job import Job
from ..model import Request, Window
from ..populator import fim_incidents
from ..populator.fim_incidents import INCIDENT_EVENTS, INCIDENTS, Due
from ..splunk.tallies import Tallies, tallies_path
from ..times import utc
from .paging import Reader, listed_records

PART, BEHIND, OPEN_SINCE = "@part", "@behind", "@open_since"
"""Notes in requests: which part this is, behind which one to go on, and since when (epoch seconds) incidents are open.
The last one is kept with the checkpoint, because what a part brings may change it."""

OPEN, UPDATED, EVENTS = "1", "2", "3"
"""What the names of parts begin with: they compare as texts."""


def course(job: Job, reader: Reader, window: Window, _whole: Mapping[int, str]) -> Course:
    kept = window.next.params.get(OPEN_SINCE) if window.next else None
    calls = _Calls(job, reader, window.since, int(kept) if kept else _open_since(job))
    return Course(calls.rest, calls.cut)


def _open_since(job: Job) -> int:
    """When the oldest incident was created that was open when it was seen last; 0 where there is none."""
    with contextlib.closing(Tallies(tallies_path(job.folder, job.stanza.name), job.key, lambda *_: None)) as tallies:
        return tallies.first_with(fim_incidents.OPEN) or 0


@dataclass(frozen=True)
class _Calls:
    job: Job
    reader: Reader
    since: str
    open_since: int

    def rest(self, request: Request) -> Request:
        """What is left behind the part that the request belongs to."""
        behind = request.params.get(PART) or request.params.get(BEHIND, "")
        return Request(INCIDENTS.path, {BEHIND: behind, OPEN_SINCE: str(self.open_since)})

    def cut(self, _answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        return self._behind(following.params[BEHIND]) if BEHIND in following.params else None

    def _behind(self, behind: str) -> Iterator[Request]:
        for part in self._parts(time.time()):
            if part.params[PART] > behind:
                yield replace(part, params={**part.params, OPEN_SINCE: str(self.open_since)})

    def _parts(self, now: float) -> Iterator[Request]:
        own = fim_incidents.params(self.job.settings.metric)
        found = set(self._due(fim_incidents.created_params(own, self.since, now)))
        if self.open_since and utc(self.open_since) < self.since:
            params = fim_incidents.open_params(own, self.open_since, self.since)
            yield Request(INCIDENTS.path, {**params, PART: OPEN})
            found.update(self._due(params))
        params = fim_incidents.updated_params(own, self.since, now)
        updated = self._updated(params)
        if updated:
            found.update(updated)
            yield Request(INCIDENTS.path, {**params, PART: UPDATED})
        self.job.log.info(f"{len(found)} incidents are looked at for events.")
        for each in sorted(found):
            yield self._events(each, now)

    def _due(self, params: dict[str, str]) -> Iterator[Due]:
        client = self.reader(INCIDENTS)
        for record in listed_records(client.fetch, client.first(params)):
            found = fim_incidents.due(record, self.since)
            if found:
                yield found

    def _updated(self, params: dict[str, str]) -> list[Due]:
        """None where the platform refuses: that the time of an update can be searched for is not documented."""
        try:
            return list(self._due(params))
        except (ConfigError, Refused) as error:
            self.job.log.warning(f"Updates of incidents that were closed before cannot be asked for. {error}")
            return []

    def _events(self, found: Due, now: float) -> Request:
        params = fim_incidents.event_params(self.job.settings.metric, found, self.since, now)
        path = INCIDENT_EVENTS.path.format(incident=quote(found.incident, safe=""))
        part = f"{EVENTS} {found.created} {found.incident}"
        return Request(path, {**params, PART: part}, resource=INCIDENT_EVENTS.name)
