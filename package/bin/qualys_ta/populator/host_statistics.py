"""The counters of a HOSTSUMMARY, over all findings of the host.

Order: the vendor's integration guide 1.3.4. A type, status or severity never seen before is counted under its own name;
a finding without a status (information gathered) is counted in no status.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .finding_plan import Form, Kind
from .keyvalue import key

TYPES = ("INFO", "CONFIRMED", "POTENTIAL")
STATUSES = ("NEW", "ACTIVE", "FIXED", "RE-OPENED")
MOST_REMEMBERED = 4096

Names = tuple[str, ...]


def statistics(findings: Sequence[Form], breakdowns: bool, more: Iterable[str] = ()) -> list[str]:
    """``SEVERITY_1=5``, …, ``TOTAL_VULNS=8``; with `breakdowns` also the counts by type, status and severity.

    `more` are fields that stand before the last one.
    """
    counted = Counter(findings)
    kinds = {form.kind for form in counted}
    types, statuses, severities, _, _ = map(frozenset, zip(*kinds)) if kinds else [frozenset[str]()] * 5
    order, zeros = _order(types, statuses, severities, breakdowns)
    counts = dict(zeros)
    for form, count in counted.items():
        for name in _counters(form.kind):
            counts[name] = counts.get(name, 0) + count
    return [*[f"{name}={counts[name]}" for name in order if name in counts], *more, f"TOTAL_VULNS={len(findings)}"]


@lru_cache(maxsize=MOST_REMEMBERED)
def _counters(kind: Kind) -> Names:
    """All counters that a finding counts in."""
    one, status, severity = _counter(kind.type), _counter(kind.status), _counter(kind.severity)
    told = {
        one: one,
        status: status,
        f"SEVERITY_{severity}": severity,
        f"{one}_{status}": one and status,
        f"{status}_SEVERITY_{severity}": status and severity,
        f"{one}_SEVERITY_{severity}": one and severity,
        "IGNORED": kind.ignored,
        "DISABLED": kind.disabled,
    }
    return tuple(name for name, counts in told.items() if counts)


@lru_cache(maxsize=MOST_REMEMBERED)
def _order(
    types: frozenset[str], statuses: frozenset[str], severities: frozenset[str], breakdowns: bool
) -> tuple[Names, dict[str, int]]:
    """The counters of a host that has these, in order, and a zero for each that is always written."""
    rows, columns = _names(types, TYPES), _names(statuses, STATUSES)
    levels = [f"SEVERITY_{name}" for name in _names(severities, ())]
    order = (*levels, *rows, *columns)
    if not breakdowns:
        return order, dict.fromkeys(order, 0)
    detected = [f"{row}_{column}" for row in rows if row != "INFO" for column in columns]
    by_severity = [f"{name}_{level}" for name in (*columns, *rows) for level in levels]
    always = (*order, *detected, "IGNORED", "DISABLED")
    return (*order, *detected, *by_severity, "IGNORED", "DISABLED"), dict.fromkeys(always, 0)


def _names(found: frozenset[str], known: Sequence[str]) -> list[str]:
    """The known names first, then those never seen before, in alphabetical order."""
    return [*known, *sorted(filter(None, (_counter(name) for name in found.difference(known))))]


def _counter(text: str) -> str:
    """A counter's name: the platform's own word (``RE-OPENED`` keeps its hyphen), made safe where it is not."""
    return "-".join(map(key, text.split("-")))
