"""The other metrics: what a page costs to convert, and memory by the size of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, TextIO

from benchmarks import asset_page, fim_page, memory, posture_page, report_page, ticket_page, was_page
from benchmarks.converted import units
from benchmarks.figures import Bench, Figure, least, most
from benchmarks.installed import installed
from benchmarks.pythons import VERSIONS, how_to_get, interpreter
from qualys_ta.feed import JSON
from qualys_ta.populator import load
from qualys_ta.populator.fim_incidents import INCIDENT, INCIDENT_EVENTS
from qualys_ta.populator.host_asset_record import PARTS
from qualys_ta.populator.was_fields import NAMES

SMALL_MB, LARGE_MB = 10, 100
TARGET = most(5)
JSON_TARGET = least(40)
POSTURES, BASIC_POSTURES, FINDINGS = 60_000, 100_000, 30_000
CHANGES, INCIDENTS = 20_000, 40_000
TICKETS, ASSETS, REPORTED_HOSTS = 15_000, 1_500, 1_000

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


_CHANGES = partial(fim_page.write_page, "events", CHANGES)
_IGNORED = partial(fim_page.write_page, "ignored", CHANGES)
_INCIDENTS = {"metric": "fim_incidents", "tab": "fim"}
_OF_INCIDENT = {**_INCIDENTS, "asked": (INCIDENT_EVENTS.name, {INCIDENT: "44b92968-8f3a-3626-8d56-345a6d891546"})}
FILE_INTEGRITY = {
    "Changes": (Case("default fields", _CHANGES, {"metric": "fim_events", "tab": "fim"}),),
    "Ignored changes": (Case("default fields", _IGNORED, {"metric": "fim_ignored_events", "tab": "fim"}),),
    "Incidents": (
        Case("themselves", partial(fim_page.write_page, "incidents", INCIDENTS), _INCIDENTS),
        Case("their events", _CHANGES, _OF_INCIDENT),
    ),
}
REMEDIATION = (
    Case("default fields", partial(ticket_page.write_page, TICKETS), {"metric": "tickets", "tab": "tickets"}),
)
_assets = partial(asset_page.write_page, ASSETS)
_ASSETS = {"metric": "host_assets", "tab": "assets"}
INVENTORY = (
    Case("default fields", _assets, _ASSETS),
    Case("with events of ports, software and tags", _assets, {**_ASSETS, "settings": dict.fromkeys(PARTS, "1")}),
)
_report = partial(report_page.write_page, REPORTED_HOSTS)
_REPORT = {"metric": "scan_report", "tab": "reports"}
REPORTS = (
    Case("default fields", _report, _REPORT),
    Case("all texts", _report, {**_REPORT, "settings": {"report_details": "1"}}),
)


def compliance(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "Posture", COMPLIANCE)


def web(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "Web findings", WEB)


def tickets(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "Tickets", REMEDIATION)


def assets(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "Assets", INVENTORY)


def reports(bench: Bench) -> Iterator[Figure]:
    yield from _figures(bench, "Reports", REPORTS)


def file_integrity(bench: Bench) -> Iterator[Figure]:
    for name, cases in FILE_INTEGRITY.items():
        yield from _figures(bench, name, cases)


def _figures(bench: Bench, name: str, cases: tuple[Case, ...]) -> Iterator[Figure]:
    for case in cases:
        yield from _converted(bench, f"{name}, {case.what}" if len(cases) > 1 else name, case)
    folder = bench.folder / cases[0].conversion["metric"]
    folder.mkdir()
    with installed(folder) as site:
        yield from memory.pulls(bench, site, cases[0].conversion["metric"], (SMALL_MB, LARGE_MB), name)


def _converted(bench: Bench, name: str, case: Case) -> Iterator[Figure]:
    bench.doing("writing the page")
    page = bench.folder / "converted.page"
    with page.open("w", encoding="utf-8", newline="\n") as file:
        case.write(file)
    for version in VERSIONS:
        python = interpreter(version)
        bench.doing(f"converting with Python {version}" if python else how_to_get(version))
        if python:
            cost, unit_s = units(page, case.conversion, python)
            yield _judged(f"{name}, Python {version}", cost, case)
            yield Figure(f"{name}: the unit, Python {version}", unit_s, "s")
    page.unlink()


def _judged(what: str, cost: float, case: Case) -> Figure:
    """`cost` in units; for JSON it is told the other way round."""
    if load(case.conversion["metric"]).resource.form == JSON:
        return Figure(what, 100 / cost, "% of the speed of `json.loads`", JSON_TARGET)
    return Figure(what, cost, "units", TARGET)
