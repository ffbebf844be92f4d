"""Policy compliance and web applications: what a page costs to convert, and memory by the size of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, TextIO

from benchmarks import memory, posture_page, was_page
from benchmarks.converted import units
from benchmarks.figures import Bench, Figure, most
from benchmarks.installed import installed
from benchmarks.pythons import VERSIONS, how_to_get, interpreter
from qualys_ta.populator.was_fields import NAMES

SMALL_MB, LARGE_MB = 10, 100
TARGET = most(5)
POSTURES, BASIC_POSTURES, FINDINGS = 60_000, 100_000, 30_000

_POSTURE = {"metric": "policy_posture_info", "tab": "pc", "asked": ("posture_info", {"policy_id": "7"})}
_FINDINGS = {"metric": "was_findings", "tab": "was"}


@dataclass(frozen=True)
class Case:
    """A page, and what it is converted with; see `converted.stream`."""

    what: str
    write: Callable[[TextIO], object]
    conversion: Mapping[str, Any]


_findings = partial(was_page.write_page, FINDINGS)
COMPLIANCE = (
    Case("basic details", partial(posture_page.write_page, BASIC_POSTURES, with_details=False), _POSTURE),
    Case(
        "all details",
        partial(posture_page.write_page, POSTURES),
        {**_POSTURE, "settings": {"pc_details": "1", "pc_extra_details": "1"}},
    ),
)
WEB = (
    Case("default fields", _findings, _FINDINGS),
    Case("all fields", _findings, {**_FINDINGS, "settings": {"finding_fields_to_log": ",".join(NAMES)}}),
)


def compliance(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "policy_posture_info", "Posture", COMPLIANCE)


def web(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "was_findings", "Web findings", WEB)


def _figures(bench: Bench, metric: str, name: str, cases: tuple[Case, ...]) -> Iterator[Figure]:
    for case in cases:
        yield from _converted(bench, f"{name}, {case.what}", case)
    with installed(bench.folder) as site:
        yield from memory.pulls(bench, site, metric, (SMALL_MB, LARGE_MB), name)


def _converted(bench: Bench, name: str, case: Case) -> Iterator[Figure]:
    bench.doing("writing the page")
    page = bench.folder / "converted.xml"
    with page.open("w", encoding="utf-8", newline="\n") as file:
        case.write(file)
    for version in VERSIONS:
        python = interpreter(version)
        bench.doing(f"converting with Python {version}" if python else how_to_get(version))
        if python:
            cost, unit_s = units(page, case.conversion, python)
            yield Figure(f"{name}, Python {version}", cost, "units", TARGET)
            yield Figure(f"{name}: the unit, Python {version}", unit_s, "s")
    page.unlink()
