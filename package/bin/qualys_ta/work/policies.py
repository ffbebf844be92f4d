"""The calls of a pull of posture: the list of policies, then the posture of those that are due, several side by side.

Policies that were never pulled as they are now, because they or the filters were changed, come first and whole, the
others after them; each kind in ascending order. What is left after a call is a request that is never sent: it says
behind which policy to go on, and the list is asked for again to know how.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..chains import Course
from ..feed import Conversion
from ..job import Job
from ..model import Request, Window
from ..populator.policy_list import RESOURCE as POLICIES
from ..populator.policy_list import due_policies
from ..populator.policy_posture_info import POSTURE, POSTURES
from ..populator.posture_api import POLICY_IDS, Batch, Policy, batches, policy_params, posture_params
from .paging import Reader, listed_records

AFTER = "policies_after"
"""Parameter of the request that is never sent: ``whole`` or ``changed``, and the last policy that was asked for."""

WHOLE, CHANGED = "whole", "changed"


def course(job: Job, reader: Reader, window: Window, whole: Mapping[int, str]) -> Course:
    """`whole`: which policies came whole, and what each was made of then."""
    version = job.settings.api[POSTURE.version_setting]
    calls = _Calls(job, reader, "" if window.resync else window.since, POSTURE.path.format(version=version), whole)
    return Course(calls.rest, calls.cut, calls.begins)


@dataclass(frozen=True)
class _Calls:
    """`since`: "" is from the beginning on."""

    job: Job
    reader: Reader
    since: str
    path: str
    whole: Mapping[int, str]
    made_of: dict[int, str] = field(default_factory=dict)

    def begins(self, request: Request) -> Mapping[int, str]:
        """The policies whose posture comes whole, from this first page on."""
        if AFTER in request.params or "id_min" in request.params or "status_changes_since" in request.params:
            return {}
        policies = request.params.get("policy_id") or request.params.get(POLICY_IDS, "")
        return {int(number): self.made_of.get(int(number), "") for number in policies.split(",") if number}

    def rest(self, request: Request) -> Request:
        """The policies after those of the request; after the list of policies, all that are due."""
        policies = request.params.get("policy_id") or request.params.get(POLICY_IDS, "")
        if request.resource not in (POSTURE.name, POSTURES.name):
            policies = "0"
        kind = CHANGED if "status_changes_since" in request.params else WHOLE
        return Request(self.path, {AFTER: f"{kind} {policies.rpartition(',')[2]}"}, resource=POSTURE.name)

    def cut(self, _answered: Optional[Request], following: Request) -> Optional[Iterator[Request]]:
        return self._parts(following.params[AFTER]) if AFTER in following.params else None

    def _parts(self, after: str) -> Iterator[Request]:
        settings = self.job.settings.metric
        client = self.reader(POLICIES)
        listed = listed_records(client.fetch, client.first(policy_params(settings)))
        start = str(self.job.params["start_date"])
        due = dict(due_policies(listed, Conversion(settings, self.since, start=start, whole=self.whole)))
        self.made_of.update({number: now for (number, _), now in due.items()})
        left = list(_behind(after, due))
        parts = list(batches(left, settings["pc_num_count_for_pid"]))
        self.job.log.info(f"{len(left)} policies are due, to be asked for in {len(parts)} calls or more.")
        client.gate.expect(self.path, len(parts))
        for batch in parts:
            yield self._request(batch)

    def _request(self, batch: Batch) -> Request:
        since = None if batch.whole else self.since
        params = posture_params(self.job.settings.metric, batch.policies, since)
        resource = POSTURE if len(batch.policies) == 1 else POSTURES
        return Request(self.path, params, resource=resource.name)


def _behind(after: str, due: Iterable[Policy]) -> Iterator[Policy]:
    kind, _, last = after.partition(" ")
    for policy, whole in due:
        if (not whole, policy) > (kind == CHANGED, int(last)):
            yield policy, whole
