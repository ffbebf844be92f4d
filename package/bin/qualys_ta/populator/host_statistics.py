"""The counters of a HOSTSUMMARY, over all findings of the host.

Order: the vendor's integration guide 1.3.4. A type, status or severity never seen before is counted under its own name;
a finding without a status (information gathered) is counted in no status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .finding import Finding
from .keyvalue import key

TYPES = ("INFO", "CONFIRMED", "POTENTIAL")
STATUSES = ("NEW", "ACTIVE", "FIXED", "RE-OPENED")

Pairs = Counter[tuple[str, str]]


def statistics(findings: Sequence[Finding], breakdowns: bool) -> Iterator[str]:
    """``SEVERITY_1=5``, …, ``TOTAL_VULNS=8``; with `breakdowns` also the counts by type, status and severity."""
    kinds = Counter(finding.kind for finding in findings)
    by_type, by_status, by_severity = Counter[str](), Counter[str](), Counter[str]()
    type_status, status_severity, type_severity = Pairs(), Pairs(), Pairs()
    for (kind, status, severity), count in kinds.items():
        by_type[kind] += count
        by_status[status] += count
        by_severity[severity] += count
        type_status[kind, status] += count
        status_severity[status, severity] += count
        type_severity[kind, severity] += count
    types, statuses = _names(by_type, TYPES), _names(by_status, STATUSES)
    severities = sorted(filter(None, by_severity))
    yield from (f"SEVERITY_{_counter(severity)}={by_severity[severity]}" for severity in severities)
    yield from (f"{_counter(name)}={by_type[name]}" for name in types)
    yield from (f"{_counter(name)}={by_status[name]}" for name in statuses)
    if breakdowns:
        detected = [name for name in types if name != "INFO"]
        yield from _table(type_status, detected, statuses, "", zeros=True)
        yield from _table(status_severity, statuses, severities, "SEVERITY_")
        yield from _table(type_severity, types, severities, "SEVERITY_")
        yield f"IGNORED={sum(finding.ignored for finding in findings)}"
        yield f"DISABLED={sum(finding.disabled for finding in findings)}"
    yield f"TOTAL_VULNS={len(findings)}"


def _table(
    counts: Pairs, rows: Iterable[str], columns: Sequence[str], middle: str, zeros: bool = False
) -> Iterator[str]:
    for row in rows:
        found = ((column, counts[row, column]) for column in columns)
        yield from (f"{_counter(row)}_{middle}{_counter(name)}={count}" for name, count in found if count or zeros)


def _names(counts: Counter[str], known: Sequence[str]) -> list[str]:
    """The known names first, then those never seen before, in alphabetical order."""
    return [*known, *sorted(filter(None, set(counts) - set(known)))]


def _counter(text: str) -> str:
    """A counter's name: the platform's own word (``RE-OPENED`` keeps its hyphen), made safe where it is not."""
    return "-".join(map(key, text.split("-")))
