"""A small history of findings, scans and log lines, whose numbers one can count by hand."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from qualys_ta.splunk.log import FILE_NAME, Log
from standins.splunk.search import Knowledge, event_time
from support.knowledge import entry, epoch, event_row, finding, summary

LOG_STANZA = "source::...ta_QualysCloudPlatform.log*"
NOW = epoch("2018-09-20T13:00:05Z")
BACK, AWAY = 3, 2
"""Host 2 is gone; host 3 was gone and has been scanned again since."""

GONE_AT = "2018-09-15T00:00:00Z"


def day(number: int) -> str:
    return f"2018-09-{number:02}T12:00:00Z"


_indexed = itertools.count(1)


def vuln(host: int, number: int, on: int, **changes: Any) -> dict[str, Any]:
    """A HOSTVULN last updated on a day of the month, in an index of its own, indexed after those before it."""
    found = {"QID": "10", "FIRST_FOUND_DATETIME": day(1), **changes}
    raw = finding({"HOST_ID": host}, UNIQUE_VULN_ID=str(number), LAST_UPDATE_DATETIME=day(on), **found)
    return event_row(raw, index="anywhere", time=epoch(day(on)), indexed_at=float(next(_indexed)))


HISTORY = [
    # Host 1: found, fixed, back again, as one finding; one fixed; one ignored after it was open; one information.
    vuln(1, 11, 1, STATUS="NEW", SEVERITY=5),
    vuln(1, 11, 5, STATUS="FIXED", SEVERITY=5, LAST_FIXED_DATETIME=day(5)),
    vuln(1, 11, 14, STATUS="RE-OPENED", SEVERITY=5, LAST_FIXED_DATETIME=day(5)),
    vuln(1, 12, 2, STATUS="ACTIVE", QID="20"),
    vuln(1, 12, 16, STATUS="FIXED", QID="20", LAST_FIXED_DATETIME=day(16)),
    vuln(1, 13, 3, STATUS="ACTIVE", QID="30"),
    vuln(1, 13, 3, STATUS="ACTIVE", QID="30", IS_IGNORED="1"),
    vuln(1, 14, 3, TYPE="INFO", STATUS=None, QID="45038", SEVERITY=1),
    # The same QID on two ports of an old platform that numbers nothing.
    event_row(finding({"HOST_ID": 4}, UNIQUE_VULN_ID=None, QID="10", PORT="80", SEVERITY=5), time=epoch(day(17))),
    event_row(
        finding({"HOST_ID": 4}, UNIQUE_VULN_ID=None, QID="10", PORT="443", FIRST_FOUND_DATETIME=day(17)),
        time=epoch(day(17)),
    ),
    vuln(AWAY, 21, 10, STATUS="ACTIVE", SEVERITY=5),
    vuln(AWAY, 22, 10, STATUS="FIXED", LAST_FIXED_DATETIME=day(10)),
    vuln(BACK, 31, 10, STATUS="ACTIVE"),
    vuln(BACK, 32, 18, STATUS="ACTIVE", QID="40", SEVERITY=None),
]
KNOWN = (
    entry("10", CATEGORY="Web server", SEVERITY="4"),
    entry("20", CATEGORY="CGI"),
    entry("40", CATEGORY="CGI", SEVERITY="2"),
)


def scan(host_id: int, on: int, os: str, critical: int, hour: int = 12) -> dict[str, Any]:
    scanned = f"2018-09-{on:02}T{hour}:00:00Z"
    raw = summary(HOST_ID=host_id, OS=os, LAST_SCAN_DATETIME=scanned, ACTIVE_SEVERITY_5=critical)
    return event_row(raw, index="anywhere", time=epoch(scanned))


SCANS = [
    scan(1, 1, "Linux", 2),
    scan(1, 10, "Linux", 1),
    scan(5, 2, "Linux", 3),
    scan(3, 2, "", 3),
    scan(4, 1, "Windows", 5),
    scan(4, 2, "Windows", 0),
]


def log_rows(
    knowledge: Knowledge, folder: Path, lines: list[tuple[float, str, str, str]], host: str = "h"
) -> list[dict[str, Any]]:
    """What Splunk indexes of the add-on's own log: (epoch seconds, input, level, message) each."""
    path = folder / f"{host}-{FILE_NAME}"
    for at, name, level, message in lines:
        log = Log(path, name, "DEBUG", clock=lambda at=at: at)
        getattr(log, level)(message)
    source = f"/opt/splunk/var/log/splunk/{FILE_NAME}"
    where = {"index": "_internal", "source": source, "sourcetype": knowledge.sourcetype_of(source), "host": host}
    told = path.read_text("utf-8").splitlines()
    return [event_row(line, time=event_time(knowledge.props[LOG_STANZA], line), **where) for line in told]
