"""What the page of events says of what was found: fields in groups, the CIM's apart, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from standins.splunk.browsing import FieldSummary, Found, Hit, field_summaries
from standins.splunk.search.values import values_of

SELECTED = ("host", "source", "sourcetype", "eventtype", "tag")
CIM = (
    "dest",
    "dest_ip",
    "dest_name",
    "dvc",
    "signature",
    "signature_id",
    "category",
    "severity",
    "severity_id",
    "cve",
    "cvss",
    "bugtraq",
    "mskb",
    "msft",
    "xref",
    "url",
    "vendor_product",
)
"""The fields of the CIM's Vulnerabilities model that an add-on sets."""
_SHOWN_APART = frozenset({*CIM, "_raw", "_time", "_indextime", "eventtype", "tag"})
INTERESTING_SHARE = 0.2
"""Of the events that have a field, from which on it is shown at once."""
LONGEST_LINK = 200
"""Characters of a value that can be a condition in an address."""
SHORT_LINES, SHORT_CHARACTERS = 12, 2000
"""What is shown of an event that has many more, until somebody asks for all."""
Pairs = Sequence[tuple[str, list[str]]]


@dataclass(frozen=True)
class Shown:
    """One event as the page shows it."""

    hit: Hit

    @property
    def cim(self) -> Pairs:
        return [(name, values_of(self.hit.fields, name)) for name in CIM if name in self.hit.fields]

    @property
    def without(self) -> list[str]:
        """The CIM's fields that it does not have."""
        return [name for name in CIM if name not in self.hit.fields]

    @property
    def others(self) -> Pairs:
        fields = self.hit.fields
        first = [name for name in ("eventtype", "tag") if name in fields]
        names = (*first, *sorted(fields.keys() - _SHOWN_APART, key=str.lower))
        return [(name, values_of(fields, name)) for name in names]

    @property
    def eventtypes(self) -> list[str]:
        return values_of(self.hit.fields, "eventtype")

    @property
    def tags(self) -> list[str]:
        return values_of(self.hit.fields, "tag")

    @property
    def lines(self) -> int:
        return len(self.hit.row["raw"].splitlines())

    @property
    def beginning(self) -> str:
        """Of an event too long to be shown at once; of any other all of it."""
        raw: str = self.hit.row["raw"]
        if self.lines <= 2 * SHORT_LINES and len(raw) <= 2 * SHORT_CHARACTERS:
            return raw
        return "\n".join(raw.split("\n")[:SHORT_LINES])[:SHORT_CHARACTERS]


def status(found: Found, label: str) -> str:
    """How many there are, or why that is not known."""
    number = len(found.hits) if found.total is None else found.total
    events = f"{number:,} event{'' if number == 1 else 's'}"
    if found.total is not None:
        return f"{events} ({label[:1].lower()}{label[1:]})"
    if found.stopped:
        return (
            f"{events} among the {found.looked_at:,} looked at, where the search stopped. "
            "A text in the event or a shorter time makes it reach further."
        )
    return f"{events} up to the oldest" if found.ended else f"{events} or more"


def field_groups(found: Found) -> list[tuple[str, list[FieldSummary], bool]]:
    """(title, fields, whether they are shown at once): the list of fields beside the events."""
    known = field_summaries(found.hits)
    least = INTERESTING_SHARE * len(found.hits)
    rest = [summary for summary in known if summary.name not in (*SELECTED, *CIM)]
    groups = [
        ("Selected", [summary for summary in known if summary.name in SELECTED], True),
        ("CIM", [summary for summary in known if summary.name in CIM], True),
        ("Interesting", [summary for summary in rest if summary.events >= least], True),
        ("Rare", [summary for summary in rest if summary.events < least], False),
    ]
    return [group for group in groups if group[1]]


def marked(text: str, needle: str) -> Markup:
    """Escaped, with what was searched for marked."""
    pieces = re.split(f"({re.escape(needle)})", text, flags=re.IGNORECASE) if needle else [text]
    shown = (Markup("<mark>{}</mark>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))
    return Markup("").join(shown)


def linkable(value: str) -> bool:
    return len(value) <= LONGEST_LINK
