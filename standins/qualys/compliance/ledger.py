"""What a correct client must end with of policy compliance: tests and the demo compare an index with it."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Optional

from ..clock import Moment, PlatformClock, seconds, stamp
from ..dirt import Dirt
from ..nodes import Node, flatten
from ..parameters import ranges
from .glossary import GlossaryRows
from .holdings import Compliance
from .model import STATUSES, Policy, Posture
from .policy_query import PolicyQuery
from .posture_query import PostureQuery

EVERY_DETAIL: Mapping[str, str] = {
    "details": "All",
    "show_remediation_info": "1",
    "cause_of_failure": "1",
    "include_dp_name": "1",
}
"""Parameters that leave out nothing of a posture."""
_NOT_OF_A_KEY = re.compile(r"\W", re.ASCII)
_WITHOUT_CONTENT = ("action", "policy_id", "policy_ids", "truncation_limit", "id_min", "echo_request")


class PolicyState(NamedTuple):
    """When a policy was last changed and evaluated, in seconds since 1970; None: never."""

    id: int
    modified_at: int
    evaluated_at: Optional[int]


class Pull(NamedTuple):
    """A policy that a pull brings: all its posture, or only what changed since."""

    policy_id: int
    is_whole: bool


def what_a_pull_brings(policies: Iterable[PolicyState], since_s: Optional[int], overlap_s: int = 0) -> Iterator[Pull]:
    """The policies changed or evaluated since `since_s`; None: all. All posture of those that were changed: hosts and
    controls that left them are in no list, so only all that is left tells of them. What was changed in the first
    `overlap_s` seconds came whole in the pull before, which listed the policies at their end."""
    for policy in policies:
        touched_at = max(policy.modified_at, policy.evaluated_at or 0)
        if since_s is None or policy.modified_at >= since_s + overlap_s:
            yield Pull(policy.id, True)
        elif touched_at >= since_s:
            yield Pull(policy.id, False)


@dataclass(frozen=True)
class ExpectedPosture:
    """One posture: `elements` maps the path of each element of INFO to its clean text (see `nodes.flatten`), the others
    those of what the glossary says of its host, control and technology; {} where it says nothing."""

    policy_id: int
    id: int
    elements: Mapping[str, str]
    host: Mapping[str, str]
    control: Mapping[str, str]
    technology: Mapping[str, str]


@dataclass(frozen=True)
class ExpectedPolicy:
    """One policy that a pull brings. `postures`: those that come, by id. `controls` and `statuses` count all that it
    has now, whether they come or not."""

    id: int
    elements: Mapping[str, str]
    is_whole: bool
    postures: Mapping[int, ExpectedPosture]
    controls: int
    statuses: Mapping[str, int]


class ComplianceLedger:
    """Reads policies and posture as the platform holds them now, and counts what left the building.

    `params` are those that a client adds to its posture calls; ``policy_ids`` among them are the only policies it asks
    for. `since`: when the pull before began; None: there was none.
    """

    def __init__(self, compliance: Compliance, clock: PlatformClock, dirt: Dirt) -> None:
        self._compliance = compliance
        self._clock = clock
        self._dirt = dirt
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()

    def note(self, posture: Posture) -> None:
        """An answer holds this posture."""
        with self._lock:
            self.served[posture.id] += 1

    def states(self) -> tuple[PolicyState, ...]:
        """When each policy was changed and evaluated."""
        return tuple(
            PolicyState(policy.id, policy.modified_at, policy.evaluated_at) for policy in self._compliance.policies()
        )

    def expected(
        self, since: Optional[Moment] = None, params: Optional[Mapping[str, str]] = None, overlap_s: int = 0
    ) -> dict[int, ExpectedPolicy]:
        """Policy id -> what a complete pull (default: of everything) must bring of it."""
        asked = EVERY_DETAIL if params is None else params
        query = self._query(asked)
        listed = self._policy_query()
        rows = GlossaryRows(query.values, self._dirt)
        found = {}
        for policy, is_whole in self._pulled(since, asked, overlap_s):
            counted = self._summary(policy, query)
            found[policy.id] = ExpectedPolicy(
                policy.id,
                flatten(listed.nodes(policy, self._dirt)),
                is_whole,
                {
                    posture.id: _expected(posture, query, rows)
                    for posture in self._coming(policy, is_whole, since, query)
                },
                *counted,
            )
        return found

    def identities(
        self, since: Optional[Moment] = None, params: Optional[Mapping[str, str]] = None, overlap_s: int = 0
    ) -> Iterator[tuple[str, ...]]:
        """One for each event that a complete pull must bring:

        * ``("POLICY_INFO", policy id)``,
        * ``("POSTURE_INFO", policy id, posture id, status, when that changed)``,
        * ``("POLICY_SUMMARY", policy id, number of controls, "Error=1", "Failed=7", "Passed=90", …)``, a status that
          nobody knows in letters, digits and underscores. None with the parameter `status`: who asks for some
          statuses cannot count all.
        """
        asked = EVERY_DETAIL if params is None else params
        query = self._query(asked)
        for policy, is_whole in self._pulled(since, asked, overlap_s):
            ident = str(policy.id)
            yield "POLICY_INFO", ident
            for posture in self._coming(policy, is_whole, since, query):
                yield "POSTURE_INFO", ident, str(posture.id), posture.status, stamp(posture.standing.changed_at)
            if "status" not in query.values:
                yield "POLICY_SUMMARY", ident, *_counted(*self._summary(policy, query))

    def statuses(self, params: Optional[Mapping[str, str]] = None) -> dict[int, str]:
        """Posture id -> its status now, over all policies."""
        query = self._query(EVERY_DETAIL if params is None else params)
        return {
            posture.id: posture.status
            for policy in self._compliance.policies()
            for posture in query.select(self._compliance, policy, self._dirt)
        }

    def counts(self) -> dict[str, Any]:
        """Numbers only: what there is, and what was served."""
        return {
            "policies": len(self._compliance),
            "postures": len(self.statuses()),
            "served_postures": len(self.served),
            "served_records": sum(self.served.values()),
        }

    def _pulled(
        self, since: Optional[Moment], params: Mapping[str, str], overlap_s: int
    ) -> Iterator[tuple[Policy, bool]]:
        spans = ranges(params["policy_ids"]) if params.get("policy_ids") else None
        since_s = None if since is None else seconds(since)
        for ident, is_whole in what_a_pull_brings(self.states(), since_s, overlap_s):
            if spans is None or ident in spans:
                yield self._compliance.policy(ident), is_whole

    def _coming(
        self, policy: Policy, is_whole: bool, since: Optional[Moment], query: PostureQuery
    ) -> Iterator[Posture]:
        changed_since = 0 if is_whole or since is None else seconds(since)
        for posture in query.select(self._compliance, policy, self._dirt):
            if posture.standing.changed_at >= changed_since:
                yield posture

    def _summary(self, policy: Policy, query: PostureQuery) -> tuple[int, dict[str, int]]:
        """How many controls have posture, and how much there is by status; the known ones always."""
        controls: set[int] = set()
        counts: Counter[str] = Counter(dict.fromkeys(STATUSES, 0))
        for posture in query.select(self._compliance, policy, self._dirt):
            controls.add(posture.control.id)
            counts[posture.status] += 1
        return len(controls), dict(counts)

    def _query(self, params: Mapping[str, str]) -> PostureQuery:
        asked = {name: value for name, value in params.items() if name not in _WITHOUT_CONTENT}
        return PostureQuery({**asked, "action": "list", "policy_id": "0"}, "2.0", self._clock.now())

    def _policy_query(self) -> PolicyQuery:
        return PolicyQuery({"action": "list"}, "5.0", self._clock.now())


def _counted(controls: int, statuses: Mapping[str, int]) -> tuple[str, ...]:
    named = (f"{_NOT_OF_A_KEY.sub('_', name)}={count}" for name, count in statuses.items())
    return str(controls), *sorted(named)


def _expected(posture: Posture, query: PostureQuery, rows: GlossaryRows) -> ExpectedPosture:
    def said(node: Optional[Node]) -> Mapping[str, str]:
        return {} if node is None or not query.has_glossary else flatten(node.children)

    return ExpectedPosture(
        posture.policy.id,
        posture.id,
        flatten(query.info(posture).children),
        said(rows.host(posture.host)),
        said(rows.control(posture.control)),
        said(rows.technology(posture.technology)),
    )
