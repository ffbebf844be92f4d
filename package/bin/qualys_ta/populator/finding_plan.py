"""What to do with detections of one shape, worked out once: see `finding`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Optional

from .keyvalue import single_line

TIMES = ("LAST_UPDATE_DATETIME", "FIRST_FOUND_DATETIME")
STATUS_TIMES = ("LAST_FIXED_DATETIME", "LAST_REOPENED_DATETIME", "FIRST_REOPENED_DATETIME")
ALWAYS = frozenset(("UNIQUE_VULN_ID", "QID", *TIMES, "TYPE", "STATUS", "IS_IGNORED", "IS_DISABLED"))
"""What is written of a finding whatever the field list says: who it is, what it is, when, and whether it counts."""

OLD_IDENTITY = frozenset(("PORT", "PROTOCOL", "SSL", "INSTANCE", "FQDN"))
"""What tells findings of one QID apart where the platform sends no UNIQUE_VULN_ID (before release 10.23)."""

IDS = frozenset(("UNIQUE_VULN_ID", "QID"))
"""Numbers; the platform has been seen to break them over lines."""

UPPER = frozenset(("TYPE", "STATUS", "PROTOCOL"))
COUNTED = ("TYPE", "STATUS", "SEVERITY", "IS_IGNORED", "IS_DISABLED")
"""What a finding is counted by."""

FEW = (*COUNTED, "PROTOCOL", "SSL")
"""Fields with few different values."""

MOST_FORMS = 10_000
"""Remembered for each shape; a real subscription has some hundred."""

FLAT = frozenset(
    (
        *(*ALWAYS, *OLD_IDENTITY, *STATUS_TIMES, "SEVERITY", "RESULTS", "SERVICE", "SOURCE"),
        *("LAST_FOUND_DATETIME", "LAST_TEST_DATETIME", "LAST_PROCESSED_DATETIME", "TIMES_FOUND", "TIMES_REOPENED"),
        *("AFFECT_RUNNING_KERNEL", "AFFECT_RUNNING_SERVICE", "AFFECT_EXPLOITABLE_CONFIG"),
    )
)
"""Children that hold text only, by the API's schema; any other child is looked into."""

_OWN_PLACE = frozenset(("SEVERITY", "RESULTS"))
Texts = list[str]
Row = tuple[str, ...]


class Kind(NamedTuple):
    """What a finding is counted under; "" where the platform does not say (information gathered has no status)."""

    type: str
    status: str
    severity: str
    ignored: bool
    disabled: bool


@dataclass(frozen=True, eq=False)
class Form:
    """What is written of findings that share a shape and all of `FEW`.

    Of ``, SEVERITY=3, UNIQUE_VULN_ID="…", …``, severity first, then the platform's order, the `pieces` are what stands
    around the values that a plan picks. After the last one comes what is known of the QID, and RESULTS.
    """

    kind: Kind
    pieces: list[str]
    has_fqdn: bool


@dataclass(frozen=True)
class Plan:
    """What to do with detections of one shape.

    The texts of the children end with an empty one: there the pickers find what the shape does not have. `few` takes
    what chooses a form. `pick` takes what follows the start of an event, which is nothing, and what follows each piece
    of the form: a value, and in the end again nothing. `ids` and `nested` are places among what `pick` gives.
    """

    written: tuple[str, ...]
    pick: Callable[[Sequence[str]], Row]
    few: Callable[[Sequence[str]], Row]
    times: Callable[[Sequence[str]], Row]
    ids: tuple[int, ...]
    nested: tuple[tuple[int, int], ...]
    count: int
    qid: int
    updated: int
    processed: int
    results: Optional[int]
    forms: dict[Row, Form]

    def form(self, few: Row) -> Form:
        """The form of these values of `FEW`."""
        if few not in self.forms and len(self.forms) >= MOST_FORMS:
            self.forms.clear()
        return self.forms.setdefault(few, _form(self.written, few))


def plan_for(shape: Row, fields: frozenset[str]) -> Plan:
    """The plan for detections whose children have these tags."""
    wanted = fields | ALWAYS if "UNIQUE_VULN_ID" in shape else fields | ALWAYS | OLD_IDENTITY
    written = [(place, tag) for place, tag in enumerate(shape) if tag in wanted and tag not in _OWN_PLACE]
    at = {tag: place for place, tag in reversed(list(enumerate(shape)))}
    nowhere = len(shape)
    filled = [(nowhere, ""), *((place, tag) for place, tag in written if tag not in FEW), (nowhere, "")]
    return Plan(
        written=tuple(tag for _, tag in written),
        pick=_picker([place for place, _ in filled]),
        few=_picker([at.get(tag, nowhere) for tag in FEW]),
        times=_picker([place for place, tag in enumerate(shape) if tag in TIMES or tag in STATUS_TIMES]),
        ids=tuple(number for number, (_, tag) in enumerate(filled) if tag in IDS),
        nested=tuple((number, place) for number, (place, tag) in enumerate(filled) if tag and tag not in FLAT),
        count=len(filled),
        qid=at.get("QID", nowhere),
        updated=at.get("LAST_UPDATE_DATETIME", nowhere),
        processed=at.get("LAST_PROCESSED_DATETIME", nowhere),
        results=at.get("RESULTS") if "RESULTS" in fields else None,
        forms={},
    )


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], Row]:
    """Texts -> those at `places`; `itemgetter` alone gives no tuple for fewer than two."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda texts: tuple([texts[place] for place in places])


def _form(written: Row, few: Row) -> Form:
    told = dict(zip(FEW, (single_line(text) for text in few)))
    upper = {tag: text.upper() if tag in UPPER else text for tag, text in told.items()}
    kind, status, severity, ignored, disabled = (upper[tag] for tag in COUNTED)
    pieces, before = [], _severity(severity)
    for tag in written:
        if tag in upper:
            before += f', {tag}="{upper[tag]}"'
        else:
            pieces.append(f'{before}, {tag}="' if tag in FLAT else before)
            before = '"' if tag in FLAT else ""
    counted = Kind(kind, status, severity, ignored == "1", disabled == "1")
    return Form(counted, [*pieces, before], "FQDN" in written)


def _severity(severity: str) -> str:
    """Known severities are numbers and not quoted; any other word of the platform is passed on."""
    if severity.isdecimal() and severity.isascii():
        return f", SEVERITY={severity}"
    return f', SEVERITY="{severity}"' if severity else ""
