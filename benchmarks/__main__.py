"""``make bench``: what was measured, what was aimed at, and whether that was met, as one table.

``python -m benchmarks`` measures all topics and writes `docs/benchmarks.md`; ``python -m benchmarks tick writing`` only
these, and writes nothing. A target that is missed is no error; a figure that cannot be measured is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table

from benchmarks import page
from benchmarks.figures import FAILED, HEADINGS, MET, MISSED, Bench, Figure, Topic
from benchmarks.topics import TOPICS

COLORS = {MET: "green", MISSED: "red", FAILED: "bold red"}


def measured(topic: Topic, console: Console, status: Status) -> Iterator[Figure]:
    """The topic's figures, each told as soon as it is known; where one cannot be measured, the rest of them is left."""

    def doing(what: str) -> None:
        status.update(f"{topic.title}: {what} …")

    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        try:
            for figure in topic.figures(Bench(Path(folder), doing)):
                console.print(f"{topic.title}: {' '.join(filter(None, figure.cells))}", highlight=False, markup=False)
                yield figure
        except Exception as error:  # noqa: BLE001 - the other topics are still worth measuring
            console.print(f"{topic.title} could not be measured: {error}", style="red", markup=False)
            yield Figure("The rest could not be measured", None, "")


def table(found: Mapping[str, Sequence[Figure]]) -> Table:
    shown = Table(*HEADINGS)
    shown.columns[1].justify = shown.columns[3].justify = "right"
    for topic in TOPICS:
        if topic.name in found:
            shown.add_section()
            shown.add_row(f"[bold]{topic.title}")
        for figure in found.get(topic.name, ()):
            *cells, verdict = figure.cells
            shown.add_row(*cells, f"[{COLORS.get(verdict, 'default')}]{verdict}")
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("topics", nargs="*", metavar="topic", help=f"some of {', '.join(t.name for t in TOPICS)}")
    chosen = parser.parse_args().topics
    unknown = set(chosen) - {topic.name for topic in TOPICS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose of {', '.join(t.name for t in TOPICS)}")
    console = Console(width=120)
    found: dict[str, list[Figure]] = {}
    with console.status("") as status:
        for topic in TOPICS:
            if not chosen or topic.name in chosen:
                found[topic.name] = list(measured(topic, console, status))
    console.print(table(found))
    if not chosen:
        page.PATH.write_text(page.rendered(TOPICS, found), encoding="utf-8")
        console.print(f"Written to {page.PATH.relative_to(page.PATH.parents[1])}.")
    return int(any(figure.verdict == FAILED for figures in found.values() for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
