"""What all findings of a web application come to."""

from __future__ import annotations

from collections.abc import Mapping

from ..model import Event, tallied

TYPES = ("VULNERABILITY", "SENSITIVE_CONTENT", "INFORMATION_GATHERED")
STATUSES = ("-", "NEW", "ACTIVE", "FIXED", "REOPENED")
SEVERITIES = ("1", "2", "3", "4", "5")
PARTS = {"type": TYPES, "status": STATUSES, "severity": SEVERITIES}
"""What a finding counts as, and the values that are always told."""

NOTHING = "-"
LONGEST_WORD = 40


def tally(webapp: str, kind: str, status: str, severity: str) -> str:
    """What a finding of this type counts as; "" for one of no web application."""
    if not (webapp.isascii() and webapp.isdecimal() and len(webapp) < 19):
        return ""
    return tallied(int(webapp), "|".join([_word(kind), _word(status), _word(severity)]))


def _word(text: str) -> str:
    return text.strip().replace("|", "_")[:LONGEST_WORD] or NOTHING


def summary(webapp: int, counts: Mapping[str, int]) -> Event:
    """One WAS_SUMMARY: what is known is always counted, what the platform calls otherwise where it occurs."""
    found = {part: dict.fromkeys(known, 0) for part, known in PARTS.items()}
    for category, count in counts.items():
        for part, value in zip(found.values(), category.split("|")):
            part[value] = part.get(value, 0) + count
    fields = [f'webapp_id="{webapp}"', *_fields(found, known=True), *_fields(found, known=False)]
    return Event("", f"WAS_SUMMARY: {', '.join(fields)}")


def _fields(found: Mapping[str, Mapping[str, int]], known: bool) -> list[str]:
    """What the platform left out (`NOTHING`) is told of the status alone: gathered information never has one."""
    return [
        f'{part}_{value}="{count}"'
        for part, values in found.items()
        for value, count in values.items()
        if (value in PARTS[part]) == known and (known or value != NOTHING)
    ]
