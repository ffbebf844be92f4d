"""`docs/benchmarks.md`: what `make bench` found, and on what."""

from __future__ import annotations

import platform
import re
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.figures import CORES, HEADINGS, Figure, Topic
from benchmarks.pythons import VERSIONS, exact_version, interpreter

PATH = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
WIDTH = 120
INTRODUCTION = """\
# Benchmarks

`make bench` measures all this and writes this page; `make bench ONLY=tick` measures one topic and only prints it.
Machines are noisy, so what counts are ratios of things measured in the same run. A figure without a target is for
comparison. One that needs more cores than there were is not judged.
"""


def rendered(topics: Iterable[Topic], found: Mapping[str, Sequence[Figure]]) -> str:
    """The page; a topic that was not measured has an empty table."""
    parts = [INTRODUCTION, "\n".join(_made_with())]
    for topic in topics:
        table = _table(HEADINGS, (figure.cells for figure in found.get(topic.name, ())))
        about = textwrap.fill(topic.about.replace("\n", " "), WIDTH, break_long_words=False, break_on_hyphens=False)
        parts.append(f"## {topic.title}\n\n{about}\n\n" + "\n".join(table))
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def skeleton(page: str) -> str:
    """The page without what a measurement brings: what two pages of one format have in common."""
    without_figures = re.sub(r"(?m)^(\|[-|]+\|\n)(?:\|.*\n?)+", r"\1", page)
    return "\n".join(line.rstrip() for line in without_figures.splitlines())


def _made_with() -> Iterator[str]:
    pythons = (exact_version(interpreter(version)) or f"no {version}" for version in VERSIONS)
    yield from _table(
        ("Measured", "with"),
        (
            ("Command", "`make bench`"),
            ("Date", time.strftime("%Y-%m-%d", time.gmtime())),
            ("Machine", f"{CORES} cores, {platform.machine()}, {platform.system()}"),
            ("Python", f"{', '.join(pythons)}; whole runs: {exact_version(sys.executable)}"),
        ),
    )


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield "|" + "---|" * len(headings)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |".replace("|  |", "| |")
