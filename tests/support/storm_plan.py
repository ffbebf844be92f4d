"""What a storm does, drawn from its seed: the same seed draws the same storm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Optional

from standins.qualys.faults import KINDS

INPUTS = ("host_detection", "second", "knowledge_base")
HOSTS = "host_detection"
SETS: Mapping[str, tuple[str, ...]] = {
    "alone": ("host_detection",),
    "twice": ("host_detection", "host_detection"),
    "accounts": ("host_detection", "second"),
    "shards": ("host_detection", "second"),
    "knowledge": ("host_detection", "knowledge_base"),
}
"""What is started at the same time: the same input twice, two inputs with an account each, two parts of the hosts …"""
PAGES = 8
SLOW_ONES = ("stall", "slow")
PARTS = ("any", "any", "sink", "pages", "files", "seen", "hosts", "run", "log")
FULL = ({"pages": 20_000}, {"files": 100}, {"seen": 100}, {"pages": 60_000})
KB_FAULTS = tuple(kind for kind in KINDS if kind not in ("loop", "foreign_next", *SLOW_ONES))


@dataclass(frozen=True)
class Blow:
    """How one start is struck: `how` is kill, term or hang_up, `when` it has had so many `of` something.

    `of`: effects (of `part`; not for hang_up), bytes of its events, calls to the platform, or milliseconds.
    """

    how: str
    of: str
    when: int
    part: str = "any"


@dataclass(frozen=True)
class StartPlan:
    """One start of one input."""

    name: str
    blow: Optional[Blow] = None
    full: Optional[Mapping[str, int]] = None
    slow_pipe: bool = False
    later_ms: int = 0
    nested: bool = True


@dataclass(frozen=True)
class Change:
    """Before the answer to call number `call`: hosts are touched, added or removed, entries modified or published."""

    call: int
    what: str
    share: float


@dataclass(frozen=True)
class Tick:
    """Starts at the same time, and the platform and settings that they meet."""

    starts: tuple[StartPlan, ...]
    faults: tuple[str, ...]
    changes: tuple[Change, ...]
    settings: Mapping[str, Mapping[str, str]]
    small_quota: bool
    advance_s: int


@dataclass(frozen=True)
class Plan:
    seed: int
    inputs: str
    hosts: int
    per_page: int
    dirt: tuple[str, ...]
    ticks: tuple[Tick, ...]


def draw(seed: int) -> Plan:
    """The storm of this seed. Its first fault, and the call that it strikes, go through all there are, seed by seed."""
    dice = Random(f"storm {seed}")
    inputs = dice.choice(tuple(SETS))
    hosts = dice.randint(20, 44)
    kinds = len(KINDS)
    first = f"{KINDS[seed % kinds]}@{1 + (seed // kinds + seed) % PAGES}"
    count = dice.randint(2, 4)
    ticks = tuple(_tick(dice, inputs, (first,) if number == 0 else ()) for number in range(count))
    dirt = ("comments", "keepalive", "tag_comment", "doctype", "control_chars", "entities", "tag_space", "no_value")
    soiled = (*dirt, *(kind for kind in ("cut", "duplicates") if dice.random() < 0.3))
    return Plan(seed, inputs, hosts, max(3, hosts // dice.randint(4, PAGES)), soiled, ticks)


def _tick(dice: Random, inputs: str, faults: tuple[str, ...]) -> Tick:
    kb = inputs == "knowledge"
    drawn = (*faults, *(_fault(dice) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))))
    drawn = (*drawn, *(f"knowledge:{dice.choice(KB_FAULTS)}@1" for _ in range(kb and dice.random() < 0.4)))
    stalls = any("stall" in fault for fault in drawn)
    return Tick(
        starts=tuple(_start(dice, name, number) for number, name in enumerate(SETS[inputs])),
        faults=drawn,
        changes=tuple(_change(dice, kb) for _ in range(dice.choice((0, 0, 1, 1, 2)))),
        settings={
            "api": {
                "max_retries": str(dice.randint(0, 2)),
                "api_timeout": "1" if stalls else "20",
                "conversion_workers": str(dice.randint(1, 2)),
            },
            "vm": {"num_threads": str(dice.randint(1, 4))},
        },
        small_quota=dice.random() < 0.1,
        advance_s=dice.choice((1, 30, 400, 3000)),
    )


def _fault(dice: Random) -> str:
    """Slow faults cost seconds, so they come seldom."""
    kind = dice.choice(KINDS)
    if kind in SLOW_ONES and dice.random() < 0.7:
        kind = "reset"
    times = dice.choice(("", "", "*2", "*always")) if kind not in SLOW_ONES else ""
    return f"{kind}{times}@{dice.randint(1, PAGES)}"


def _start(dice: Random, name: str, number: int) -> StartPlan:
    return StartPlan(
        name,
        blow=_blow(dice) if dice.random() < 0.6 else None,
        full=dice.choice(FULL) if dice.random() < 0.08 else None,
        slow_pipe=dice.random() < 0.2,
        later_ms=dice.randint(0, 60) if number else 0,
        nested=dice.random() >= 0.02,
    )


def _blow(dice: Random) -> Blow:
    how = dice.choice(("kill", "kill", "kill", "term", "hang_up"))
    of = dice.choice(("effects", "effects", "bytes", "calls", "ms")) if how == "kill" else "bytes"
    if how == "term":
        of = dice.choice(("effects", "bytes", "calls", "ms"))
    when = {"effects": dice.randint(1, 40), "bytes": dice.randint(1, 150_000), "calls": dice.randint(1, PAGES)}
    return Blow(how, of, when.get(of, dice.randint(1, 600)), dice.choice(PARTS))


def _change(dice: Random, kb: bool) -> Change:
    what = ["touch", "touch", "process", "add", "remove", *(["modify", "publish"] if kb else [])]
    return Change(dice.randint(1, PAGES), dice.choice(what), dice.random())
