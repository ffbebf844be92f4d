"""What the knowledge base knows of a QID, as part of each HOSTVULN."""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, NamedTuple, Optional

from ..model import Knowledge, knows_nothing
from .keyvalue import single_line

FIELDS = {
    "TITLE": "TITLE",
    "CATEGORY": "CATEGORY",
    "CVE": "CVE",
    "CVSS": "CVSS_BASE",
    "CVSS3": "CVSS_V3_BASE",
    "PATCHABLE": "PATCHABLE",
    "VENDOR_REFERENCE": "VENDOR_REFERENCE",
}
"""Field of the event -> column of the knowledge base, in the order of the event."""

MOST_REMEMBERED = 8192
"""QIDs kept in memory, about 4 MB; a large subscription has findings of a few thousand."""

_NO_VALUE = ("", "-")


class Known(NamedTuple):
    """What is known of a QID: its severity, and its fields as they follow a finding's own."""

    severity: str
    text: str


Enrich = Callable[[str], Known]
_NOTHING = Known("", "")


def enrichment(knowledge: Knowledge) -> Optional[Enrich]:
    """QID -> what is known of it; asked once per QID. None where nothing can be known."""
    if knowledge is knows_nothing:
        return None

    @lru_cache(maxsize=MOST_REMEMBERED)
    def enrich(qid: str) -> Known:
        entry = knowledge("".join(qid.split()))  # the platform has been seen to break ids over lines
        if entry is None:
            return _NOTHING
        values = ((field, entry[column]) for field, column in FIELDS.items())
        text = "".join(f', {field}="{single_line(value)}"' for field, value in values if value not in _NO_VALUE)
        return Known(entry["SEVERITY"], text)

    return enrich
