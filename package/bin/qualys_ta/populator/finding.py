"""The DETECTIONs of one host -> what counts of them and their parts of a HOSTVULN. The hot path of the add-on.

Detections share a handful of shapes (the tags of their children, in order), and in each a handful of fields has few
different values. So what is to be done with a shape is worked out once, as a `Plan`, and what it writes for each
combination of those values once, as a `Form`; a detection then costs two passes over its children, and its other
values are put between the pieces of its form. Tried and measured: docs/decisions/0021.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional
from xml.etree.ElementTree import Element

from .enrichment import Enrich, Known
from .finding_plan import FEW, Form, Plan, Row, Texts, plan_for
from .keyvalue import comma_list, key, multi_line, single_line, single_lines

MOST_PLANS = 1_000
"""Remembered; a real subscription has some dozen shapes."""

_NOTHING_KNOWN = Known("", "")


class Finding(NamedTuple):
    """`values` fill the form but for the event's start. `updated` and `processed` are as they came, as all `texts`."""

    form: Form
    values: Row
    updated: str
    processed: str
    plan: Plan
    texts: Texts

    @property
    def changed(self) -> str:
        """The latest time at which the finding or its status changed; "" where it has none."""
        return max(map(str.strip, self.plan.times(self.texts)), default="")


class FindingReader:
    """Reads detections with one choice of fields. `longest_results` characters of RESULTS are kept; 0: all.

    `enrich` tells what the knowledge base knows of a QID, where findings are to be enriched.
    """

    def __init__(self, fields: frozenset[str], longest_results: int, enrich: Optional[Enrich]) -> None:
        self._fields = fields
        self._enrich = enrich
        self._longest_results = longest_results
        self._plans: dict[Row, Plan] = {}

    def read(self, detections: Iterable[Element]) -> list[Finding]:
        """All findings of one host."""
        values: Texts = []
        rows = []
        for detection in detections:
            children = detection[:]
            shape = tuple([child.tag for child in children])
            plan = self._plans.get(shape) or self._plan(shape)
            texts: Texts = [child.text for child in children]  # type: ignore[misc]
            if not all(texts):  # an empty element has None
                texts = [text or "" for text in texts]
            texts.append("")
            values += plan.pick(texts)
            rows.append((plan, texts, children))
        lines = single_lines(values)
        cleaned, ids_whole = tuple(lines), lines is values  # nothing to clean: no white space in ids either
        findings, start = [], 0
        for plan, texts, children in rows:
            end = start + plan.count
            few = plan.few(texts)
            form = plan.forms.get(few) or plan.form(few)
            filled = cleaned[start:end]
            if plan.nested or not (ids_whole or "".join(plan.pick_ids(filled)).isdecimal()):
                filled = _mended(plan, filled, children)
            known = ""
            if self._enrich or plan.results is not None:
                form, known = self._more(plan, form, texts)
            findings.append(Finding(form, (*filled, known), texts[plan.updated], texts[plan.processed], plan, texts))
            start = end
        return findings

    def _plan(self, shape: Row) -> Plan:
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(shape, plan_for(shape, self._fields))

    def _more(self, plan: Plan, form: Form, texts: Texts) -> tuple[Form, str]:
        """What the knowledge base knows, the severity included where the platform gave none, and RESULTS."""
        severity, known = self._enrich(texts[plan.qid]) if self._enrich else _NOTHING_KNOWN
        if severity and not form.kind.severity:
            form = plan.form(_with_severity(plan.few(texts), severity))
        return form, known + (self._results(texts[plan.results]) if plan.results is not None else "")

    def _results(self, text: str) -> str:
        longest = self._longest_results
        if longest and len(text) > longest:
            cut = len(text) - longest
            return f', RESULT_TRUNCATED="2", RESULTS="{multi_line(text[:longest])} [TRUNCATED {cut} Characters]"'
        return f', RESULT_TRUNCATED="0", RESULTS="{multi_line(text)}"'


def _mended(plan: Plan, values: Row, children: list[Element]) -> Row:
    """Ids without white space, and what is nested as it is written."""
    mended = list(values)
    for place in plan.ids:
        mended[place] = mended[place].replace(" ", "")
    for place, child in plan.nested:
        mended[place] = _nested(children[child])
    return tuple(mended)


def _with_severity(few: Row, severity: str) -> Row:
    place = FEW.index("SEVERITY")
    return (*few[:place], severity, *few[place + 1 :])


def _nested(element: Element) -> str:
    return "".join(f', {name}="{text}"' for name, text in _pairs(element))


def _pairs(element: Element) -> Iterator[tuple[str, str]]:
    if element.tag == "QDS":
        yield "QDS_Severity", single_line(element.get("severity", ""))
        yield "QDS", single_line(element.text or "")
    elif element.tag == "QDS_FACTORS":
        for factor in element:
            yield f"QDS_FACTORS_{key(factor.get('name', ''))}", single_line(factor.text or "")
    else:
        yield element.tag, comma_list(element.itertext())
