"""``make bench``: one table of what was measured, what was aimed at, and whether that was met. Nothing fails."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from rich.console import Console
from rich.table import Table

from benchmarks import conversion
from benchmarks.installed import Installed, Pulled, installed
from benchmarks.process import measured
from benchmarks.pythons import VERSIONS, how_to_get, interpreter

STARTS = 15
SMALL_MB, LARGE_MB = 10, 200
KNOWLEDGE_MB = 400
SLIM_PASSES, TEXTS_PASSES = 5.0, 7.0
NOT_DUE_RATIO, NOT_DUE_MB = 6.0, 20.0
RUN_MB, GROWTH_PERCENT = 80.0, 10.0


@dataclass(frozen=True)
class Figure:
    """One line of the table; `most` is the target, where there is one."""

    what: str
    value: float
    unit: str
    most: Optional[float] = None

    @property
    def verdict(self) -> str:
        if self.most is None:
            return ""
        return "met" if self.value <= self.most else "missed"


def not_due(site: Installed, python: str, version: str) -> Iterator[Figure]:
    """A start of an input that is not due, against an interpreter that does nothing; in turn, on one machine."""
    pairs = [
        (measured([python, "-c", "pass"]), site.start(f"host_detection_{SMALL_MB}", "host_detection", python))
        for _ in range(STARTS)
    ]
    nothing, tick = (statistics.median(used.seconds for used in each) for each in zip(*pairs))
    name = f"Start that is not due, Python {version}"
    yield Figure(name, tick / nothing, "× python -c pass", NOT_DUE_RATIO)
    yield Figure(f"{name}, time", tick * 1000, "ms")
    yield Figure(f"{name}, memory", max(used.peak_mb for _, used in pairs), "MB", NOT_DUE_MB)


def pulls(what: str, small: Pulled, large: Pulled) -> Iterator[Figure]:
    """Whole runs, by the size of their one page."""
    for pulled in (small, large):
        yield Figure(f"{what} of {pulled.page_mb:.0f} MB, memory of the run", pulled.used.peak_mb, "MB", RUN_MB)
    growth = (large.used.peak_mb / small.used.peak_mb - 1) * 100
    yield Figure(f"{what}, growth from {small.page_mb:.0f} to {large.page_mb:.0f} MB", growth, "%", GROWTH_PERCENT)
    yield Figure(f"{what} of {large.page_mb:.0f} MB, time of the run", large.used.seconds, "s")


def detections(site: Installed, console: Console) -> Iterator[Figure]:
    small = site.pull(SMALL_MB)
    passes = conversion.hosts(site.page)
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            console.print(f"Left out: {how_to_get(version)}")
            continue
        yield from not_due(site, python, version)
    large = site.pull(LARGE_MB)
    yield from pulls("Hosts", small, large)
    yield Figure("Hosts, events of that run", large.events_per_second, "events/s")
    yield Figure("Hosts, judged while they arrive", passes.judged, "expat passes")
    yield Figure("Hosts, page to event stream", passes.converted, "expat passes")


def knowledge(site: Installed) -> Iterator[Figure]:
    small, large = (site.pull(size, "knowledge_base") for size in (SMALL_MB, KNOWLEDGE_MB))
    yield from pulls("Knowledge base", small, large)
    for what, with_texts, most in (("slim", False, SLIM_PASSES), ("all texts", True, TEXTS_PASSES)):
        passes = conversion.knowledge(site.page, with_texts, tries=2)
        yield Figure(f"Knowledge base, {what}: page to lookups", passes.converted, "expat passes", most)
    yield Figure("Knowledge base, judged while it arrives", passes.judged, "expat passes")


def figures(folder: Path, console: Console) -> Iterator[Figure]:
    with installed(folder) as site:
        yield from detections(site, console)
        yield from knowledge(site)


def main() -> None:
    console = Console(width=100)
    table = Table(
        "Figure", "Value", "Unit", "Target", "Verdict", title=f"Measured with Python {sys.version.split()[0]}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(Path(folder), console):
            target = "" if figure.most is None else f"≤ {figure.most:g}"
            table.add_row(figure.what, f"{figure.value:,.1f}", figure.unit, target, figure.verdict)
    console.print(table)


if __name__ == "__main__":
    main()
