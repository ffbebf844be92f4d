"""What the platform holds on policies, controls and posture, before any answer is written.

Times are seconds since 1970; None means that the platform holds no such value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional

from ..model import Host

PASSED, FAILED, ERROR = STATUSES = ("Passed", "Failed", "Error")


@dataclass(frozen=True)
class ComplianceRecipe:
    """How policies are drawn: the same recipe and the same evaluations give the same posture.

    `controls`: how many each policy has. `epoch_s`: policies were last evaluated within the 30 days before it.
    """

    seed: int
    policies: int
    controls: int
    epoch_s: int


class Technology(NamedTuple):
    """What a control is evaluated on: an operating system, or a program on one."""

    id: int
    name: str


class Criticality(NamedTuple):
    """How much a control matters: its word and its number, 0 to 5."""

    label: str
    value: int


class Point(NamedTuple):
    """A data point: something of a host that is looked at. `number` makes its label."""

    number: int
    name: str
    desc: str


@dataclass(frozen=True)
class Check:
    """How a control judges: `expression` has the places ``{dp}``, ``{dp2}``, ``{fv}``, ``{tp}``; `wanted` is what a
    host should have, `found` what hosts that fail have."""

    expression: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True)
class Control:
    """A rule. `instances`: of what on one host it is evaluated; ("",) for the host itself."""

    id: int
    statement: str
    criticality: Criticality
    check: Check
    points: tuple[Point, ...]
    remediation: str
    reference: Optional[str] = None
    is_deprecated: bool = False
    windows_only: bool = False
    technology: Optional[Technology] = None
    instances: tuple[str, ...] = ("",)


class Evaluation(NamedTuple):
    """A policy was evaluated at `at`; without `changes` every posture was found as it had been. What is found for the
    first time may be up to `settled_s` older."""

    at: int
    changes: bool = True
    settled_s: int = 0


class Rule(NamedTuple):
    """A control of a policy, at a place that it keeps when others leave."""

    place: int
    control: Control


@dataclass(frozen=True)
class Policy:
    """A policy at one moment. `is_empty`: it covers no host. `gone`: hosts that left it."""

    id: int
    number: int
    title: str
    created_at: int
    created_by: str
    modified_at: int
    modified_by: str
    is_active: bool
    is_locked: bool
    rules: tuple[Rule, ...]
    evaluations: tuple[Evaluation, ...] = ()
    is_empty: bool = False
    gone: frozenset[int] = frozenset()
    asset_groups: tuple[int, ...] = ()

    @property
    def evaluated_at(self) -> Optional[int]:
        return self.evaluations[-1].at if self.evaluations else None

    def is_due(self, since_s: int) -> bool:
        """Whether it was changed or evaluated since."""
        return self.modified_at >= since_s or (self.evaluated_at or 0) >= since_s


class Standing(NamedTuple):
    """What became of one posture over all evaluations."""

    status: str
    changed_at: int
    evaluated_at: int
    previous: str = ""
    first_fail_at: Optional[int] = None
    last_fail_at: Optional[int] = None
    first_pass_at: Optional[int] = None
    last_pass_at: Optional[int] = None


@dataclass(frozen=True)
class Posture:
    """One host under one control of one policy. `is_excepted`: somebody asked for an exception."""

    id: int
    policy: Policy
    host: Host
    control: Control
    technology: Technology
    instance: str
    standing: Standing
    remediation: str
    values: tuple[str, ...]
    is_excepted: bool = False

    @property
    def status(self) -> str:
        return self.standing.status
