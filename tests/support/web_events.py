"""Events of `was_findings` as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

from typing import Any

from support.knowledge import epoch, event_row, pairs

WAS = "qualys:wasFindings"
TESTED = "2018-09-20T03:00:00Z"
WEBAPP = {"webapp_id": "7", "webapp_name": "Shop", "webapp_url": "https://shop.example.com/"}
FINDING = {
    "finding_id": "11",
    "qid": "150001",
    "name": "Reflected Cross-Site Scripting (XSS)",
    "type": "VULNERABILITY",
    "severity": "5",
    "url": "https://Pay.example.com:8443/cart?id=1",
    "status": "ACTIVE",
    "firstDetectedDate": "2018-04-10T23:36:56Z",
    "lastDetectedDate": "2018-09-19T02:47:26Z",
    "lastTestedDate": TESTED,
    "timesDetected": "3",
    "isIgnored": "false",
}
COUNTERS = {
    "type_VULNERABILITY": "3",
    "type_SENSITIVE_CONTENT": "1",
    "type_INFORMATION_GATHERED": "5",
    "status_-": "5",
    "status_NEW": "1",
    "status_ACTIVE": "2",
    "status_FIXED": "1",
    "status_REOPENED": "0",
    "severity_1": "5",
    "severity_5": "4",
}


def web_finding(**changes: Any) -> str:
    """A WAS_FINDING; a change to None leaves the field out."""
    told = {**WEBAPP, **FINDING, **changes}
    return "WAS_FINDING: " + pairs({name: value for name, value in told.items() if value is not None})


def web_summary(**changes: str) -> str:
    return "WAS_SUMMARY: " + pairs({"webapp_id": "7", "webapp_name": "Shop", **COUNTERS, **changes})


def web_row(raw: str, **metadata: Any) -> dict[str, Any]:
    return event_row(raw, sourcetype=WAS, **metadata)


def web_vuln(app: int, number: int, on: int, **changes: Any) -> dict[str, Any]:
    """A WAS_FINDING that was last tested on a day of September 2018."""
    tested = f"2018-09-{on:02}T12:00:00Z"
    told = {"webapp_id": str(app), "webapp_name": f"App {app}", "finding_id": str(number), "lastTestedDate": tested}
    return web_row(web_finding(**{**told, **changes}), index="anywhere", time=epoch(tested))
