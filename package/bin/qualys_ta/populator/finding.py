"""One DETECTION -> what counts of it and its part of a HOSTVULN. The hot path of the add-on.

Detections of one page share a handful of shapes (the tags of their children, in order). What is to be done with a shape
is worked out once, as a `Plan`; a detection then costs one pass over its children, one cleaning of all its values
joined, and one format string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Optional
from xml.etree.ElementTree import Element

from .enrichment import Enrich, nothing_known
from .keyvalue import comma_list, key, multi_line, single_line, single_lines

TIMES = ("LAST_UPDATE_DATETIME", "FIRST_FOUND_DATETIME")
STATUS_TIMES = ("LAST_FIXED_DATETIME", "LAST_REOPENED_DATETIME", "FIRST_REOPENED_DATETIME")
ALWAYS = frozenset(("UNIQUE_VULN_ID", "QID", *TIMES, "TYPE", "STATUS", "IS_IGNORED", "IS_DISABLED"))
"""What is written of a finding whatever the field list says: who it is, what it is, when, and whether it counts."""

OLD_IDENTITY = frozenset(("PORT", "PROTOCOL", "SSL", "INSTANCE", "FQDN"))
"""What tells findings of one QID apart where the platform sends no UNIQUE_VULN_ID (before release 10.23)."""

IDS = frozenset(("UNIQUE_VULN_ID", "QID"))
"""Numbers; the platform has been seen to break them over lines."""

UPPER = frozenset(("TYPE", "STATUS", "PROTOCOL"))
FLAT = frozenset(
    (
        *(*ALWAYS, *OLD_IDENTITY, *STATUS_TIMES, "SEVERITY", "RESULTS", "SERVICE", "SOURCE"),
        *("LAST_FOUND_DATETIME", "LAST_TEST_DATETIME", "LAST_PROCESSED_DATETIME", "TIMES_FOUND", "TIMES_REOPENED"),
        *("AFFECT_RUNNING_KERNEL", "AFFECT_RUNNING_SERVICE", "AFFECT_EXPLOITABLE_CONFIG"),
    )
)
"""Children that hold text only, by the API's schema; any other child is looked into."""

_OWN_PLACE = frozenset(("SEVERITY", "RESULTS"))


class Kind(NamedTuple):
    """What a finding is counted under; "" where the platform does not say (information gathered has no status)."""

    type: str
    status: str
    severity: str


class Finding(NamedTuple):
    """`changed` is the latest time at which the finding or its status changed, `updated` and `processed` as named."""

    kind: Kind
    ignored: bool
    disabled: bool
    changed: str
    updated: str
    processed: str
    has_fqdn: bool
    text: str


@dataclass(frozen=True)
class Plan:
    """What to do with detections of one shape. Numbers are places among the children or the values."""

    template: str
    picked: tuple[int, ...]
    upper: tuple[int, ...]
    ids: tuple[int, ...]
    nested: tuple[tuple[int, int], ...]
    times: tuple[int, ...]
    writes_fqdn: bool
    at: dict[str, int]

    def text_of(self, name: str, texts: list[str]) -> str:
        place = self.at.get(name)
        return texts[place].strip() if place is not None else ""


class FindingReader:
    """Reads detections with one choice of fields. `longest_results` characters of RESULTS are kept; 0: all.

    `enrich` tells what the knowledge base knows of a QID.
    """

    def __init__(self, fields: frozenset[str], longest_results: int, enrich: Enrich = nothing_known) -> None:
        self._fields = fields
        self._enrich = enrich
        self._longest_results = longest_results
        self._plans: dict[tuple[str, ...], Plan] = {}

    def read(self, detection: Element) -> Finding:
        children = list(detection)
        shape = tuple([child.tag for child in children])
        texts = [child.text or "" for child in children]
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans.setdefault(shape, _plan(shape, self._fields))
        known = self._enrich(plan.text_of("QID", texts))
        kind = Kind(
            type=plan.text_of("TYPE", texts).upper(),
            status=plan.text_of("STATUS", texts).upper(),
            severity=plan.text_of("SEVERITY", texts) or known.severity,
        )
        return Finding(
            kind=kind,
            ignored=plan.text_of("IS_IGNORED", texts) == "1",
            disabled=plan.text_of("IS_DISABLED", texts) == "1",
            changed=max([texts[place].strip() for place in plan.times], default=""),
            updated=plan.text_of("LAST_UPDATE_DATETIME", texts),
            processed=plan.text_of("LAST_PROCESSED_DATETIME", texts),
            has_fqdn=plan.writes_fqdn,
            text=self._text(plan, kind, known.text, texts, children),
        )

    def _text(self, plan: Plan, kind: Kind, known: str, texts: list[str], children: list[Element]) -> str:
        """``, SEVERITY=3, QID="370845", …``: severity first, the platform's order, what is known, RESULTS last."""
        values = single_lines([texts[place] for place in plan.picked])
        for place in plan.upper:
            values[place] = values[place].upper()
        for place in plan.ids:
            values[place] = values[place].replace(" ", "")
        for place, child in plan.nested:
            values[place] = "".join(f', {name}="{text}"' for name, text in _nested(children[child]))
        told = _severity(kind.severity) + plan.template.format(*values) + known
        return told + self._results(plan.at.get("RESULTS"), texts)

    def _results(self, place: Optional[int], texts: list[str]) -> str:
        if place is None or "RESULTS" not in self._fields:
            return ""
        text, longest = texts[place], self._longest_results
        if longest and len(text) > longest:
            cut = len(text) - longest
            return f', RESULT_TRUNCATED="2", RESULTS="{multi_line(text[:longest])} [TRUNCATED {cut} Characters]"'
        return f', RESULT_TRUNCATED="0", RESULTS="{multi_line(text)}"'


def _severity(severity: str) -> str:
    """Known severities are numbers and not quoted; any other word of the platform is passed on."""
    if severity.isdecimal() and severity.isascii():
        return f", SEVERITY={severity}"
    return f', SEVERITY="{single_line(severity)}"' if severity else ""


def _plan(shape: tuple[str, ...], fields: frozenset[str]) -> Plan:
    wanted = fields | ALWAYS if "UNIQUE_VULN_ID" in shape else fields | ALWAYS | OLD_IDENTITY
    written = [(place, tag) for place, tag in enumerate(shape) if tag in wanted and tag not in _OWN_PLACE]
    return Plan(
        template="".join(f', {tag}="{{}}"' if tag in FLAT else "{}" for _, tag in written),
        picked=tuple(place for place, _ in written),
        upper=tuple(number for number, (_, tag) in enumerate(written) if tag in UPPER),
        ids=tuple(number for number, (_, tag) in enumerate(written) if tag in IDS),
        nested=tuple((number, place) for number, (place, tag) in enumerate(written) if tag not in FLAT),
        times=tuple(place for place, tag in enumerate(shape) if tag in TIMES or tag in STATUS_TIMES),
        writes_fqdn=any(tag == "FQDN" for _, tag in written),
        at={tag: place for place, tag in reversed(list(enumerate(shape)))},
    )


def _nested(element: Element) -> Iterator[tuple[str, str]]:
    if element.tag == "QDS":
        yield "QDS_Severity", single_line(element.get("severity", ""))
        yield "QDS", single_line(element.text or "")
    elif element.tag == "QDS_FACTORS":
        for factor in element:
            yield f"QDS_FACTORS_{key(factor.get('name', ''))}", single_line(factor.text or "")
    else:
        yield element.tag, comma_list(element.itertext())
