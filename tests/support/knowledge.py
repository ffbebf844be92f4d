"""Small apps, copies of the package with filled lookups, and indexed events for tests of search-time knowledge."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from qualys_ta.populator.host_list import GONE_COLUMNS, GONE_TABLE
from qualys_ta.populator.knowledge_tables import KEPT, fetched, tables
from qualys_ta.splunk.lookups import place_stubs

PACKAGE = Path(__file__).parents[2] / "package"
SOURCETYPE = "qualys:hostDetection"
KNOWLEDGE_BASE = "qualys:knowledgebase"

SCANNED = "2018-09-19T02:47:26Z"
UPDATED = "2018-09-20T03:00:00Z"
HOST = {
    "HOST_ID": 190339320,
    "IP": "172.16.5.4",
    "IPV6": "2001:db8::4",
    "TRACKING_METHOD": "AGENT",
    "OS": "Ubuntu Linux 14.04.5",
    "DNS": "wordpress.example.com",
    "NETBIOS": "WORDPRESS",
    "HOSTNAME": "wordpress",
    "LAST_SCAN_DATETIME": SCANNED,
    "TAGS": "Prod,DMZ",
}
FINDING = {
    "SEVERITY": 3,
    "UNIQUE_VULN_ID": "11",
    "QID": "370845",
    "TYPE": "CONFIRMED",
    "SSL": "0",
    "STATUS": "ACTIVE",
    "FIRST_FOUND_DATETIME": "2018-04-10T23:36:56Z",
    "LAST_UPDATE_DATETIME": UPDATED,
    "IS_IGNORED": "0",
    "IS_DISABLED": "0",
}
COUNTERS = {
    "SEVERITY_2": 3,
    "INFO": 5,
    "RE-OPENED": 4,
    "CONFIRMED_RE-OPENED": 2,
    "ACTIVE_SEVERITY_5": 1,
    "TOTAL_VULNS": 8,
}
ENRICHED = {
    "TITLE": "OpenSSL, 'Heartbleed'",
    "CATEGORY": "General remote services",
    "CVE": "CVE-2014-0346, CVE-2014-0160",
    "CVSS": "5.0",
    "CVSS3": "7.5",
    "PATCHABLE": "YES",
    "VENDOR_REFERENCE": "KB2953095, MS14-017, KB29, openssl",
}


def pairs(fields: Mapping[str, Any]) -> str:
    """Fields as events carry them: texts quoted, numbers not."""
    return ", ".join(
        f'{name}="{value}"' if isinstance(value, str) else f"{name}={value}" for name, value in fields.items()
    )


def finding(host: Mapping[str, Any] = HOST, /, **changes: Any) -> str:
    """A HOSTVULN; a change to None leaves the field out."""
    changed = {**host, **FINDING, **changes}
    return "HOSTVULN: " + pairs({name: value for name, value in changed.items() if value is not None})


def summary(**changes: Any) -> str:
    return "HOSTSUMMARY: " + pairs({**HOST, **COUNTERS, **changes})


def gone(host_id: int, at: str) -> str:
    return f'HOSTGONE: HOST_ID={host_id}, GONE_DATETIME="{at}"'


def epoch(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


def entry(qid: str, **columns: str) -> dict[str, str]:
    """A QID of the knowledge base; what is not said is empty, as the platform leaves it out."""
    told = {"QID": qid, "SEVERITY": "3", "TITLE": f"Title of {qid}", "CATEGORY": "Web server", **columns}
    return {column: told.get(column, "") for column in KEPT}


HEARTBLEED = entry(
    "370845",
    SEVERITY="5",
    TITLE="OpenSSL heartbeat, 'Heartbleed'",
    CATEGORY="General remote services",
    CVSS_BASE="5.0",
    CVSS_V3_BASE="7.5",
    CVE="CVE-2014-0346, CVE-2014-0160",
    BUGTRAQ_IDS="66690",
    VENDOR_REFERENCE="KB2953095, MS14-017",
    URL="https://example.com/heartbleed",
)


def write_app(folder: Path, lookups: Mapping[str, str] | None = None, **confs: str) -> Path:
    """An app folder whose default/<name>.conf hold the given texts."""
    for name, text in confs.items():
        path = folder / "default" / f"{name}.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, text in (lookups or {}).items():
        path = folder / "lookups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def package_copy(
    folder: Path, known: Iterable[Mapping[str, str]] = (), gone_hosts: Mapping[int, str] | None = None
) -> Path:
    """The package's knowledge objects as they are installed, its lookups filled as the add-on fills them."""
    app = folder / "app"
    for part in ("default", "lookups"):
        shutil.copytree(PACKAGE / part, app / part)
    place_stubs(app)
    entries = list(known)
    if entries:
        for name, table in tables(with_texts=False).items():
            rows = table.rows(tuple(kept[column] for column in fetched(with_texts=False)) for kept in entries)
            _write(app / "lookups" / name, table.header, rows)
    if gone_hosts:
        _write(app / "lookups" / GONE_TABLE, GONE_COLUMNS, ((str(host), at) for host, at in gone_hosts.items()))
    return app


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def event_row(raw: str, **metadata: Any) -> dict[str, Any]:
    """One row as the stand-in's index returns it."""
    row = {
        "time": 0.0,
        "index": "main",
        "host": "h",
        "source": "qualys",
        "sourcetype": SOURCETYPE,
        "stanza": "qualys://x",
    }
    return {**row, "raw": raw, **metadata}
