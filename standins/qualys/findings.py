"""Draws the findings of a host, and what becomes of them each time the host is processed again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .catalog import INFORMATION, VULNERABILITIES, Vulnerability
from .clock import DAY_S
from .model import Finding, Host

IDS_PER_HOST = 100_000
INFORMATION_SHARE = 4
CHANGE_SHARE = 1 / 3

OPEN = ("New", "Active", "Re-Opened")
STATUSES = (*OPEN, "Fixed")
_DRAWN_STATUSES = ("New", "Active", "Active", "Active", "Re-Opened", "Fixed", "Fixed")
NEXT_STATUS = {"New": "Active", "Active": "Fixed", "Fixed": "Re-Opened", "Re-Opened": "Fixed"}


@dataclass(frozen=True)
class Touch:
    """A host was processed again at `at`; without `changes` it was found as it had been."""

    at: int
    changes: bool


def draw_findings(seed: int, host: Host, count: int, results_bytes: int) -> tuple[Finding, ...]:
    """`count` findings of `host` as it was first processed, a quarter of them gathered information.

    RESULTS are at least `results_bytes` characters long (0: as long as their table is).
    """
    rng = random.Random(f"{seed}/findings/{host.id}")
    information = rng.sample(INFORMATION, min(count // INFORMATION_SHARE, len(INFORMATION)))
    known = [*information, *_draw_vulnerabilities(rng, count - len(information))]
    return tuple(
        _draw_finding(rng, host, number, vulnerability, results_bytes) for number, vulnerability in enumerate(known)
    )


def process_again(seed: int, host_id: int, findings: Sequence[Finding], touch: Touch) -> tuple[Finding, ...]:
    """The findings after `touch`: the first vulnerability and about a third of the others change their status, and
    one new finding appears."""
    if not touch.changes:
        return tuple(_seen_again(finding, touch.at) for finding in findings)
    rng = random.Random(f"{seed}/touch/{host_id}/{len(findings)}")
    first = next((finding for finding in findings if finding.status), None)
    processed = tuple(
        _changed(finding, touch.at)
        if finding.status and (finding is first or rng.random() < CHANGE_SHARE)
        else _seen_again(finding, touch.at)
        for finding in findings
    )
    return (*processed, _appeared(rng, host_id, processed, touch.at))


def _draw_vulnerabilities(rng: random.Random, count: int) -> list[Vulnerability]:
    rounds, rest = divmod(count, len(VULNERABILITIES))
    return [*VULNERABILITIES * rounds, *rng.sample(VULNERABILITIES, rest)]


def _draw_finding(
    rng: random.Random, host: Host, number: int, vulnerability: Vulnerability, results_bytes: int
) -> Finding:
    finding = _undated(host.id, number, vulnerability, _padded(vulnerability.table, results_bytes))
    if not vulnerability.dated:
        return finding
    found_at = host.scanned_at
    first_found_at = found_at - rng.randint(1, 400) * DAY_S
    dated = replace(
        finding,
        severity=vulnerability.severity,
        first_found_at=first_found_at,
        last_found_at=found_at,
        times_found=rng.randint(2, 500),
        last_test_at=found_at,
        last_update_at=host.processed_at,
        last_processed_at=host.processed_at,
    )
    return dated if vulnerability in INFORMATION else replace(dated, **_vulnerable(rng, host, dated, vulnerability))


def _undated(host_id: int, number: int, vulnerability: Vulnerability, results: str) -> Finding:
    endpoint = vulnerability.endpoint
    return Finding(
        unique_vuln_id=host_id * IDS_PER_HOST + number,
        qid=vulnerability.qid,
        type=vulnerability.type,
        results=results,
        port=endpoint.port,
        protocol=endpoint.protocol,
        service=endpoint.service,
        ssl=endpoint.ssl,
        instance=f"copy {number}" if number >= len(VULNERABILITIES) else None,
        asset_cve=vulnerability.cve,
        mitre=vulnerability.mitre,
    )


def _vulnerable(rng: random.Random, host: Host, finding: Finding, vulnerability: Vulnerability) -> dict[str, Any]:
    """What only vulnerabilities have, as changes to `finding`."""
    status = rng.choice(_DRAWN_STATUSES)
    found_at = host.scanned_at
    idle_s = rng.randint(0, 20) * DAY_S
    score = min(100, vulnerability.severity * 20 - rng.randint(0, 15))
    return {
        "status": status,
        "fqdn": host.fqdn or None if finding.ssl else None,
        "first_found_at": found_at if status == "New" else finding.first_found_at,
        "times_found": 1 if status == "New" else finding.times_found,
        "last_found_at": found_at - DAY_S - idle_s if status == "Fixed" else found_at,
        "last_update_at": host.processed_at - idle_s,
        "last_fixed_at": found_at - idle_s if status in ("Fixed", "Re-Opened") else None,
        "source": "QAGENT" if host.tracking_method == "AGENT" else "SCANNER",
        "qds": score,
        "qds_factors": (
            ("CVSS", f"{score / 10:.1f}"),
            ("CVSS_version", "v3.x"),
            ("CVSS_vector", "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
            ("epss", f"{rng.random():.5f}"),
            ("trending", "09012025,09022025"),
        ),
        "is_ignored": int(rng.random() < 0.05),
        "is_disabled": int(rng.random() < 0.05),
        "affect_running_kernel": rng.choice((None, None, 0, 1)),
        "affect_running_service": rng.choice((None, None, 0, 1)),
        "affect_exploitable_config": rng.choice((None, None, 0, 1)),
        **(_reopened(found_at - idle_s, 1) if status == "Re-Opened" else {}),
    }


def _reopened(at: int, times: int) -> dict[str, Any]:
    return {"first_reopened_at": at, "last_reopened_at": at, "times_reopened": times}


def _seen_again(finding: Finding, at: int) -> Finding:
    if finding.times_found is None:
        return finding
    seen = replace(finding, last_test_at=at, last_processed_at=at)
    return seen if finding.status == "Fixed" else replace(seen, last_found_at=at, times_found=finding.times_found + 1)


def _changed(finding: Finding, at: int) -> Finding:
    status = NEXT_STATUS[finding.status or "New"]
    changed = replace(_seen_again(replace(finding, status=status), at), last_update_at=at)
    if status == "Fixed":
        return replace(changed, last_fixed_at=at)
    if status == "Re-Opened":
        times = (finding.times_reopened or 0) + 1
        first = finding.first_reopened_at or at
        return replace(changed, **{**_reopened(at, times), "first_reopened_at": first})
    return changed


def _appeared(rng: random.Random, host_id: int, findings: Sequence[Finding], at: int) -> Finding:
    present = {finding.qid for finding in findings}
    unseen = [known for known in VULNERABILITIES if known.qid not in present] or list(VULNERABILITIES)
    vulnerability = rng.choice(unseen)
    finding = _undated(host_id, len(findings), vulnerability, vulnerability.table)
    return replace(
        finding,
        status="New",
        severity=vulnerability.severity,
        first_found_at=at,
        last_found_at=at,
        times_found=1,
        last_test_at=at,
        last_update_at=at,
        last_processed_at=at,
        qds=vulnerability.severity * 20,
        source="SCANNER",
    )


def _padded(table: str, least: int) -> str:
    if len(table) >= least:
        return table
    last_row = "\n" + table.rpartition("\n")[2]
    return table + last_row * -(-(least - len(table)) // len(last_row))
