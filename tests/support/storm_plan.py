"""What a storm does, drawn from its seed: the same seed draws the same storm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Optional

from standins.qualys.faults import KINDS
from support.storm_sets import (
    EVENTS,
    FEED_CHANGES,
    FEED_SETS,
    IGNORED,
    INCIDENTS,
    LIST_KINDS,
    LISTS,
    REPORTS,
    SETS,
    SHORT,
    ReportPlan,
    draw_reports,
    kinds_of,
)

FEEDS = 1_000_000
"""Seeds from here on draw storms of other feeds; those below of hosts and vulnerabilities."""
FEED_TICKS = 3
PAGES = 8
SLOW_ONES = ("stall", "slow")
PARTS = ("any", "any", "sink", "pages", "files", "seen", "hosts", "run", "log")
FEED_PARTS = ("any", "any", "sink", "pages", "files", "seen", "tallies", "conversion", "asset_store", "run", "log")
REPORT_PARTS = (*FEED_PARTS, "read_files", "transport", "transport")
UNHEARD = ("cut", "cut_clean", "reset")
"""Faults by which a launch, mostly the second call for reports, is heard and its answer is not."""
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
    """Before the answer to call number `call`: hosts are touched, added or removed, entries modified or published; for
    what other feeds pull see `storm_changes`."""

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
    """`settings` hold for all of the storm: what changes them begins a pull anew."""

    seed: int
    inputs: str
    hosts: int
    per_page: int
    dirt: tuple[str, ...]
    ticks: tuple[Tick, ...]
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reports: ReportPlan = field(default_factory=ReportPlan)

    @property
    def names(self) -> tuple[str, ...]:
        """The inputs that are started at the same time."""
        return {**SETS, **FEED_SETS}[self.inputs]


def draw(seed: int) -> Plan:
    """The storm of this seed. Its first fault, and the call that it strikes, go through all there are, seed by seed."""
    return _draw_feeds(seed) if seed >= FEEDS else _draw_hosts(seed)


def _draw_hosts(seed: int) -> Plan:
    dice = Random(f"storm {seed}")
    inputs = dice.choice(tuple(SETS))
    hosts = dice.randint(20, 44)
    kinds = len(KINDS)
    first = f"{KINDS[seed % kinds]}@{1 + (seed // kinds + seed) % PAGES}"
    count = dice.randint(2, 4)
    ticks = tuple(_tick(dice, inputs, (first,) if number == 0 else ()) for number in range(count))
    soiled = _dirt(dice, ("cut", "duplicates"))
    return Plan(seed, inputs, hosts, max(3, hosts // dice.randint(4, PAGES)), soiled, ticks)


def _dirt(dice: Random, sometimes: tuple[str, ...]) -> tuple[str, ...]:
    always = ("comments", "keepalive", "tag_comment", "doctype", "control_chars", "entities", "tag_space", "no_value")
    return (*always, *(kind for kind in sometimes if dice.random() < 0.3))


def _tick(dice: Random, inputs: str, faults: tuple[str, ...]) -> Tick:
    kb = inputs == "knowledge"
    drawn = (*faults, *(_fault(dice) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))))
    drawn = (*drawn, *(f"knowledge:{dice.choice(KB_FAULTS)}@1" for _ in range(kb and dice.random() < 0.4)))
    what = ("touch", "touch", "process", "add", "remove", *(("modify", "publish") if kb else ()))
    return Tick(
        starts=tuple(_start(dice, name, number) for number, name in enumerate(SETS[inputs])),
        faults=drawn,
        changes=_changes(dice, what),
        settings={"api": _api(dice, drawn), "vm": {"num_threads": str(dice.randint(1, 4))}},
        small_quota=dice.random() < 0.1,
        advance_s=dice.choice((1, 30, 400, 3000)),
    )


def _draw_feeds(seed: int) -> Plan:
    """The first faults of its ticks go through all that its lists can have, seed by seed."""
    dice = Random(f"storm {seed}")
    turn, which = divmod(seed - FEEDS, len(FEED_SETS))
    inputs = tuple(FEED_SETS)[which]
    kinds = kinds_of(inputs)
    faults = [kinds[(turn * FEED_TICKS + number) % len(kinds)] for number in range(FEED_TICKS)]
    soiled = _dirt(dice, ("cut", "duplicates", "gaps", "new_status"))
    settings = {
        "pc": {
            "pc_truncation_limit": str(dice.choice((20, 40, 80))),
            "pc_num_count_for_pid": str(dice.choice((1, 1, 2, 10))),
        },
        "was": {"was_page_size": str(dice.choice((4, 8, 20))), "was_overlap_hours": str(dice.choice((0, 1, 24)))},
        "assets": {"asset_page_size": str(dice.choice((3, 5, 100)))},
        "tags": {"tag_page_size": str(dice.choice((3, 5, 100)))},
        "fim": {f"{name}_page_size": str(dice.choice((2, 6, 100))) for name in (EVENTS, IGNORED, INCIDENTS)},
    }
    ticks = tuple(_feed_tick(dice, inputs, each) for each in faults)
    return Plan(seed, inputs, 20, 5, soiled, ticks, settings, draw_reports(Random(f"reports {seed}")))


def _feed_tick(dice: Random, inputs: str, first: tuple[str, str]) -> Tick:
    names = FEED_SETS[inputs]
    lists = [each for name in names for each in LISTS.get(name, ())]
    more = [dice.choice(lists) for _ in range(dice.choice((0, 0, 1, 1, 2)))]
    drawn = (_list_fault(dice, *first), *(_list_fault(dice, name, _quick(dice, LIST_KINDS[name])) for name in more))
    if REPORTS in names and dice.random() < 0.5:
        drawn = (*drawn, f"report:{dice.choice(UNHEARD)}@{dice.choice((1, 2, 2, 4))}")
    what = tuple(each for name in names for each in FEED_CHANGES[name])
    return Tick(
        starts=tuple(_start(dice, name, number, FEED_PARTS) for number, name in enumerate(names)),
        faults=drawn,
        changes=_changes(dice, what),
        settings={
            "api": _api(dice, drawn),
            "vm": {"num_threads": str(dice.randint(1, 3))},
            "pc": {"num_threads_for_pc": str(dice.randint(1, 3))},
            "was": {"num_threads_for_was": str(dice.randint(1, 3))},
        },
        small_quota=dice.random() < 0.1,
        advance_s=dice.choice((1, 30, 400, 3000)),
    )


def _list_fault(dice: Random, name: str, kind: str) -> str:
    pages = 2 if name in SHORT else PAGES
    return f"{name}:{kind}{_times(dice, kind)}@{dice.randint(1, pages)}"


def _api(dice: Random, faults: tuple[str, ...]) -> Mapping[str, str]:
    return {
        "max_retries": str(dice.randint(0, 2)),
        "api_timeout": "1" if any("stall" in fault for fault in faults) else "20",
        "conversion_workers": str(dice.randint(1, 2)),
    }


def _fault(dice: Random) -> str:
    kind = _quick(dice, KINDS)
    return f"{kind}{_times(dice, kind)}@{dice.randint(1, PAGES)}"


def _quick(dice: Random, kinds: tuple[str, ...]) -> str:
    """Slow faults cost seconds, so they come seldom."""
    kind = dice.choice(kinds)
    return "reset" if kind in SLOW_ONES and dice.random() < 0.7 else kind


def _times(dice: Random, kind: str) -> str:
    return dice.choice(("", "", "*2", "*always")) if kind not in SLOW_ONES else ""


def _start(dice: Random, name: str, number: int, parts: tuple[str, ...] = PARTS) -> StartPlan:
    return StartPlan(
        name,
        blow=(_report_blow(dice) if name == REPORTS else _blow(dice, parts)) if dice.random() < 0.6 else None,
        full=dice.choice(FULL) if dice.random() < 0.08 else None,
        slow_pipe=dice.random() < 0.2,
        later_ms=dice.randint(0, 60) if number else 0,
        nested=dice.random() >= 0.02,
    )


def _blow(dice: Random, parts: tuple[str, ...]) -> Blow:
    how = dice.choice(("kill", "kill", "kill", "term", "hang_up"))
    of = dice.choice(("effects", "effects", "bytes", "calls", "ms")) if how == "kill" else "bytes"
    if how == "term":
        of = dice.choice(("effects", "bytes", "calls", "ms"))
    when = {"effects": dice.randint(1, 40), "bytes": dice.randint(1, 150_000), "calls": dice.randint(1, PAGES)}
    return Blow(how, of, when.get(of, dice.randint(1, 600)), dice.choice(parts))


def _report_blow(dice: Random) -> Blow:
    """Often where the platform does something that the input does not hear of any more."""
    return dice.choice((Blow("kill", "calls", dice.randint(2, 7)), _blow(dice, REPORT_PARTS)))


def _changes(dice: Random, what: tuple[str, ...]) -> tuple[Change, ...]:
    count = dice.choice((0, 0, 1, 1, 2))
    return tuple(Change(dice.randint(1, PAGES), dice.choice(what), dice.random()) for _ in range(count))
