"""The policies that the platform holds now, and the posture under them, drawn anew each time they are asked for."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Callable, Optional

from ..clock import PlatformClock
from ..population import Population
from .draw import MOST_CONTROLS, MOST_POLICIES, covers, draw_policy, draw_postures, first_host, policy_id
from .model import ComplianceRecipe, Evaluation, Policy, Posture

OfHost = Callable[[int], bool]


@dataclass(frozen=True)
class _Changes:
    """What became of a policy since it was drawn."""

    evaluations: tuple[Evaluation, ...] = ()
    modified_at: Optional[int] = None
    gone: frozenset[int] = frozenset()
    dropped: int = 0


class Compliance:
    """Policies in ascending order of their ids; safe to change while answers are being written.

    The hosts are those of `population`: a purged host takes its posture along, a new one has none before the policy is
    next evaluated.
    """

    def __init__(self, recipe: ComplianceRecipe, population: Population, clock: PlatformClock) -> None:
        if recipe.controls > MOST_CONTROLS or recipe.policies > MOST_POLICIES:
            raise ValueError(f"at most {MOST_POLICIES} policies of {MOST_CONTROLS} controls")
        self._recipe = recipe
        self._population = population
        self._clock = clock
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first: nothing evaluated again, changed, added or removed."""
        self._numbers = {policy_id(number): number for number in range(self._recipe.policies)}
        self._drawn = self._recipe.policies
        self._ids = sorted(self._numbers)
        self._born: dict[int, int] = {}
        self._changes: dict[int, _Changes] = {}

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids, ascending."""
        with self._lock:
            return tuple(self._ids)

    def policies(self, idents: Optional[Iterable[int]] = None) -> Iterator[Policy]:
        """The policies of these ids (default: all) as they stand now; ids that are not there are passed over."""
        held = self.ids
        known = frozenset(held)
        return (self.policy(ident) for ident in (held if idents is None else idents) if ident in known)

    def policy(self, ident: int) -> Policy:
        """The policy as it stands now; KeyError for one that never was."""
        policy = draw_policy(self._recipe, self._numbers[ident], self._born.get(ident))
        changes = self._changes.get(ident)
        if changes is None:
            return policy
        return replace(
            policy,
            modified_at=policy.modified_at if changes.modified_at is None else changes.modified_at,
            evaluations=(*policy.evaluations, *changes.evaluations),
            gone=changes.gone,
            rules=policy.rules[: max(1, len(policy.rules) - changes.dropped)],
        )

    def postures(self, policy: Policy, id_min: int = 0, of_host: Optional[OfHost] = None) -> Iterator[Posture]:
        """The posture under `policy` as it was when it was drawn, from `id_min` on, ascending by id; only that of hosts
        whose ids `of_host` keeps."""
        if not policy.is_empty:
            for ident in self._covered(policy, first_host(id_min)):
                evaluations = self._since_known(policy, ident)
                if evaluations and (of_host is None or of_host(ident)):
                    host = self._population.host(ident)
                    for posture in draw_postures(self._recipe.seed, policy, host, evaluations):
                        if posture.id >= id_min:
                            yield posture

    def evaluate(self, idents: Optional[Iterable[int]] = None, *, changes: bool = True) -> tuple[int, ...]:
        """The policies are evaluated at platform time; their ids. None: all that are active and were evaluated before.
        One that never was gets its first posture."""
        evaluation = Evaluation(self._clock.now(), changes)
        chosen = self._usual() if idents is None else tuple(idents)
        with self._lock:
            for ident in self._known(chosen):
                held = self._changes.get(ident, _Changes())
                self._changes[ident] = replace(held, evaluations=(*held.evaluations, evaluation))
        return chosen

    def modify(self, idents: Optional[Iterable[int]] = None, *, hosts: int = 1, controls: int = 0) -> tuple[int, ...]:
        """Somebody changes the policies (None: all) at platform time; the first `hosts` of their hosts and the last
        `controls` of their controls leave, and their posture with them. Returns their ids."""
        now = self._clock.now()
        chosen = self.ids if idents is None else tuple(idents)
        for policy in map(self.policy, self._known(chosen)):
            leaving = frozenset(islice(self._covered(policy, 0), hosts))
            with self._lock:
                held = self._changes.get(policy.id, _Changes())
                self._changes[policy.id] = replace(
                    held, modified_at=now, gone=held.gone | leaving, dropped=held.dropped + controls
                )
        return chosen

    def add(self, count: int) -> tuple[int, ...]:
        """`count` more policies, created and evaluated now; their ids, above all others."""
        now = self._clock.now()
        with self._lock:
            added = {policy_id(number): number for number in range(self._drawn, self._drawn + count)}
            self._drawn += count
            self._numbers.update(added)
            self._born.update(dict.fromkeys(added, now))
            self._ids = [*self._ids, *added]
        return tuple(added)

    def remove(self, idents: Iterable[int]) -> None:
        """The policies are deleted, and their posture with them; ids that are not there are ignored."""
        gone = frozenset(idents)
        with self._lock:
            self._ids = [ident for ident in self._ids if ident not in gone]

    def _covered(self, policy: Policy, least_host: int) -> Iterator[int]:
        ids = self._population.ids
        seed = self._recipe.seed
        return (ident for ident in ids[bisect_left(ids, least_host) :] if covers(seed, policy, ident))

    def _since_known(self, policy: Policy, host_id: int) -> tuple[Evaluation, ...]:
        """The evaluations since the platform knows the host."""
        born = self._population.born_at(host_id)
        if born is None:
            return policy.evaluations
        return tuple(evaluation for evaluation in policy.evaluations if evaluation.at >= born)

    def _usual(self) -> tuple[int, ...]:
        return tuple(policy.id for policy in self.policies() if policy.is_active and policy.evaluations)

    def _known(self, idents: tuple[int, ...]) -> tuple[int, ...]:
        unknown = [ident for ident in idents if ident not in self._numbers]
        if unknown:
            raise KeyError(f"no policies {unknown}")
        return idents
