"""Draws policies, and the posture of hosts under them: the same seed always gives the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Optional

from ..clock import DAY_S
from ..model import Host
from .catalog import CONTROLS, CRITICALITIES, HARMFUL, KNOWN, TECHNOLOGIES
from .model import (
    ERROR,
    FAILED,
    PASSED,
    ComplianceRecipe,
    Control,
    Evaluation,
    Policy,
    Posture,
    Rule,
    Standing,
    Technology,
)

FIRST_ID = 1_290_017
GAP = 6
MOST_POLICIES = 10_000
PER_HOST = 10_000_000
PER_POLICY = 1_000
PER_RULE = 4
MOST_CONTROLS = PER_POLICY // PER_RULE - 10
USERS = ("acme_ab1", 'Jörg "PC" O\'Neil, IT', "quays_xy9")
PLAIN, HARMFUL_TITLE, NEVER_EVALUATED, LOCKED, EMPTY, INACTIVE = KINDS = range(6)
"""What policies are, in turn by their number; a plain one first."""
CHANGE_EVERY = 3
EXCEPTED_EVERY = 12
COVERED = 70
SETTLED_S = 20 * DAY_S
_MASK = (1 << 64) - 1
_TITLES = (
    "CIS Benchmark for Windows Server 2019",
    "Corporate baseline, Linux",
    "PCI DSS v4.0 - production",
    "SOX controls Büro Köln",
)


def policy_id(number: int) -> int:
    """The id of the policy with this ordinal: ascending, with gaps."""
    return FIRST_ID + number * GAP + number % 4


def posture_id(host_id: int, policy_number: int, place: int, instance: int) -> int:
    """Ascending by host, then by place of the control; no two policies share one."""
    return host_id * PER_HOST + policy_number * PER_POLICY + place * PER_RULE + instance


def first_host(least_posture_id: int) -> int:
    """The least host that may have posture from this id on."""
    return least_posture_id // PER_HOST


def draw_policy(recipe: ComplianceRecipe, number: int, born: Optional[int]) -> Policy:
    """The policy as it was before anybody changed it; `born`: when it was created and first evaluated, if not before
    the epoch."""
    rng = random.Random(f"{recipe.seed}/policy/{number}")
    kind = number % len(KINDS)
    evaluated_at = recipe.epoch_s - rng.randrange(30 * DAY_S)
    created_at = recipe.epoch_s - rng.randrange(60 * DAY_S, 700 * DAY_S)
    modified_at = rng.randrange(created_at, recipe.epoch_s)
    if born is not None:
        evaluated_at = created_at = modified_at = born
    title = f"{rng.choice(_TITLES)} ({number + 1})"
    if kind == HARMFUL_TITLE:
        title = HARMFUL[number // len(KINDS) % len(HARMFUL)]
    return Policy(
        id=policy_id(number),
        number=number,
        title=title,
        created_at=created_at,
        created_by=rng.choice(USERS),
        modified_at=modified_at,
        modified_by=rng.choice(USERS),
        is_active=kind != INACTIVE,
        is_locked=kind == LOCKED,
        rules=_rules(recipe, number),
        evaluations=() if kind == NEVER_EVALUATED else (Evaluation(evaluated_at, settled_s=0 if born else SETTLED_S),),
        is_empty=kind == EMPTY,
        asset_groups=tuple(sorted(rng.sample(range(400, 420), rng.randint(0, 2)))),
    )


def covers(seed: int, policy: Policy, host_id: int) -> bool:
    """Whether the policy is for that host: for `COVERED` of a hundred, until they leave."""
    return host_id not in policy.gone and dice(seed, policy.number, host_id) % 100 < COVERED


def draw_postures(seed: int, policy: Policy, host: Host, evaluations: Sequence[Evaluation]) -> Iterator[Posture]:
    """The posture of `host` under each rule that applies to it, ascending by id. `evaluations` are those that there
    were since the host is known; the first is the one that found it."""
    system = TECHNOLOGIES[host.os]
    for place, control in policy.rules:
        if control.windows_only and "Windows" not in host.os:
            continue
        for number, instance in enumerate(control.instances):
            ident = posture_id(host.id, policy.number, place, number)
            yield _posture(seed, ident, policy, host, control, control.technology or system, instance, evaluations)


def dice(*parts: int) -> int:
    """64 bits that depend on all `parts` and look like chance; fast, because answers may hold millions of posture."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ part) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 29) * 0x94D049BB133111EB & _MASK
        state ^= state >> 32
    return state


def _posture(
    seed: int,
    ident: int,
    policy: Policy,
    host: Host,
    control: Control,
    technology: Technology,
    instance: str,
    evaluations: Sequence[Evaluation],
) -> Posture:
    standing = _standing(seed, ident, evaluations)
    drawn = dice(seed, ident, len(evaluations), 1)
    wanted = control.check.wanted
    found = control.check.found
    return Posture(
        id=ident,
        policy=policy,
        host=host,
        control=control,
        technology=technology,
        instance=instance,
        standing=standing,
        remediation=control.remediation,
        values=wanted if standing.status == PASSED else found[drawn % len(found) :][:2],
        is_excepted=standing.status == FAILED and drawn // 8 % EXCEPTED_EVERY == 0,
    )


def _standing(seed: int, ident: int, evaluations: Sequence[Evaluation]) -> Standing:
    """The fold over all evaluations. Those that change move on every posture of a policy's first control, and about a
    third of the others."""
    drawn = dice(seed, ident)
    first = evaluations[0].at
    found_at = first - drawn // 32 % (evaluations[0].settled_s + 1)
    standing = _seen(Standing(_drawn_status(drawn % 20), found_at, first), first)
    for count, evaluation in enumerate(evaluations[1:], start=1):
        again = dice(seed, ident, count)
        changes = ident % PER_POLICY < PER_RULE or again % CHANGE_EVERY == 0
        if evaluation.changes and changes:
            after = _next_status(standing.status, again // 4)
            standing = standing._replace(status=after, previous=standing.status, changed_at=evaluation.at)
        standing = _seen(standing._replace(evaluated_at=evaluation.at), evaluation.at)
    return standing


def _drawn_status(drawn: int) -> str:
    return FAILED if drawn < 6 else ERROR if drawn == 6 else PASSED


def _next_status(status: str, drawn: int) -> str:
    if status != ERROR and drawn % 12 == 0:
        return ERROR
    return PASSED if status != PASSED else FAILED


def _seen(standing: Standing, at: int) -> Standing:
    since = standing.changed_at
    if standing.status == FAILED:
        return standing._replace(first_fail_at=standing.first_fail_at or since, last_fail_at=at)
    if standing.status == PASSED:
        return standing._replace(first_pass_at=standing.first_pass_at or since, last_pass_at=at)
    return standing


def _rules(recipe: ComplianceRecipe, number: int) -> tuple[Rule, ...]:
    """The policy's controls, its own opinion of how much one in five of them matters included. Neighbors share most."""
    places = sorted((number * 3 + place) % KNOWN for place in range(recipe.controls))
    return tuple(Rule(place, _valued(CONTROLS[index], number)) for place, index in enumerate(places))


def _valued(control: Control, number: int) -> Control:
    if control.id % 5:
        return control
    return replace(control, criticality=CRITICALITIES[(control.criticality.value + number) % len(CRITICALITIES)])
