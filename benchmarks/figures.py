"""What was measured: figures with a unit and a target, in topics."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
MET, MISSED, FAILED = "met", "missed", "failed"


@dataclass(frozen=True)
class Target:
    """What a figure should be at most, or at least."""

    sign: str
    bound: float

    def is_met_by(self, value: float) -> bool:
        return value <= self.bound if self.sign == "≤" else value >= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:,.10g}"


def most(bound: float) -> Target:
    return Target("≤", bound)


def least(bound: float) -> Target:
    return Target("≥", bound)


@dataclass(frozen=True)
class Figure:
    """One line of the table. A figure that says something only with so many `cores` is not judged with fewer."""

    what: str
    value: Optional[float]
    unit: str
    target: Optional[Target] = None
    cores: int = 1

    @property
    def text(self) -> str:
        if self.value is None:
            return ""
        return f"{self.value:,.0f}" if abs(self.value) >= 1000 else f"{self.value:,.2f}"

    @property
    def verdict(self) -> str:
        if self.value is None:
            return FAILED
        if self.target is None:
            return ""
        if self.cores > CORES:
            return f"not judged: {CORES} cores"
        return MET if self.target.is_met_by(self.value) else MISSED

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        return self.what, self.text, self.unit, str(self.target or ""), self.verdict


HEADINGS = ("Figure", "Value", "Unit", "Target", "Verdict")


@dataclass(frozen=True)
class Bench:
    """Where to measure, and how to tell a person what is being done."""

    folder: Path
    doing: Callable[[str], None]


@dataclass(frozen=True)
class Topic:
    """Figures that belong together and are measured together. `about` explains them on the page."""

    name: str
    title: str
    about: str
    figures: Callable[[Bench], Iterator[Figure]]
