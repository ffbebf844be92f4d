"""Findings of scan reports as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

from typing import Any

from support.core import leaves, tag
from support.knowledge import event_row
from support.reports import GENERATED, details, host, listed, report, report_events, vuln

REPORT = "qualys:scanReport"


def report_row(
    qid: int = 38170,
    *,
    severity: int = 3,
    template: str = "Weekly",
    generated: str = GENERATED,
    on: str = "web",
    indexed_at: float = 0,
    **values: Any,
) -> dict[str, Any]:
    """One finding of a report whose glossary knows its QID; `values` are elements of the finding."""
    scored = tag("CVSS_SCORE", leaves({"CVSS_BASE": "5.0"}))
    explained = (details(qid, scored, listed("CVE_ID", "CVE-2014-0160"), SEVERITY=severity),)
    hosts = host(vuln(qid, **values), DNS=f"{on}.example.com", HOST_ID=None)
    told = {"TEMPLATE": template, "GENERATION_DATETIME": generated}
    (event,) = report_events(report(hosts, explained=explained, **told))
    times = {"time": float(event.time or 0), "indexed_at": indexed_at}
    return event_row(event.text, sourcetype=REPORT, index="anywhere", **times)
