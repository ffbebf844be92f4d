"""A start of an input that is not due: splunkd does one a minute for every input."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks.figures import Bench, Figure, most
from benchmarks.installed import Installed, installed
from benchmarks.process import measured
from benchmarks.pythons import VERSIONS, how_to_get, interpreter

STARTS = 15
PULLED_MB = 1


def figures(bench: Bench) -> Iterator[Figure]:
    with installed(bench.folder) as site:
        bench.doing("a pull, after which the input is not due")
        name = site.pull(PULLED_MB).name
        for version in VERSIONS:
            python = interpreter(version)
            bench.doing(f"starts with Python {version}" if python else how_to_get(version))
            if python:
                yield from _not_due(site, name, python, version)


def _not_due(site: Installed, name: str, python: str, version: str) -> Iterator[Figure]:
    """Against an interpreter that does nothing; in turn, on one machine."""
    pairs = [(measured([python, "-c", "pass"]), site.start(name, "host_detection", python)) for _ in range(STARTS)]
    nothing, tick = (statistics.median(used.seconds for used in each) for each in zip(*pairs))
    what = f"Start that is not due, Python {version}"
    yield Figure(what, tick / nothing, "× `python -c pass`", most(6))
    yield Figure(f"{what}: time", tick * 1000, "ms")
    yield Figure(f"{what}: memory", max(used.peak_mb for _, used in pairs), "MB", most(20))
