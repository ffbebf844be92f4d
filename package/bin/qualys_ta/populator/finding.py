"""The DETECTIONs of one host -> what counts of them and their parts of a HOSTVULN. The hot path of the add-on.

Detections share a handful of shapes (the tags of their children, in order), and in each a handful of fields has few
different values. So what is to be done with a shape is worked out once, as a `Plan`, and what it writes for each
combination of those values once, as a `Form`; a detection then costs two passes over its children. Its other values
are cleaned together with those of its host, and put between the pieces of its form. Tried and measured:
docs/decisions/0021.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Optional
from xml.etree.ElementTree import Element

from ..times import epoch
from .enrichment import Enrich, Known
from .finding_plan import FEW, Form, Plan, Row, Texts, plan_for
from .keyvalue import comma_list, key, multi_line, single_line, single_lines

MOST_PLANS = 1_000
"""Remembered; a real subscription has some dozen shapes."""

_NOTHING_KNOWN = Known("", "")


@dataclass(eq=False)
class Findings:
    """All findings of one host: the form of each, and when it was processed, as it came.

    Of those that are told, when each was `updated`, as it came, and its event: a value after each piece of its form.
    `_mended` are places among the values, and what stands there instead.
    """

    forms: list[Form] = field(default_factory=list)
    processed: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    _plans: list[Plan] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _values: list[str] = field(default_factory=list)
    _mended: list[tuple[int, str]] = field(default_factory=list)

    def tell(self, plan: Plan, form: Form, start: str, texts: Texts) -> None:
        """The last finding is told, too."""
        self.updated.append(texts[plan.updated])
        self._plans.append(plan)
        self._pieces.append(start)
        self._pieces += form.pieces
        self._values += plan.pick(texts)

    def mend(self, children: list[Element], known: str) -> None:
        """Of the last finding that was told: what is nested as it is written, and what is known."""
        plan, end = self._plans[-1], len(self._values)
        self._mended += [(end - plan.count + place, _nested(children[child])) for place, child in plan.nested]
        self._mended.append((end - 1, known))

    def text(self) -> str:
        """The events of those that are told."""
        lines = single_lines(self._values)
        if lines is not self._values:  # there was something to clean: perhaps white space in ids
            ends = accumulate(plan.count for plan in self._plans)
            for place in (end - plan.count + place for plan, end in zip(self._plans, ends) for place in plan.ids):
                lines[place] = lines[place].replace(" ", "")
        for place, text in self._mended:
            lines[place] = text
        both = [""] * (2 * len(lines))
        both[::2], both[1::2] = self._pieces, lines
        return "".join(both)


class FindingReader:
    """Reads detections with one choice of fields. `longest_results` characters of RESULTS are kept; 0: all.

    `enrich` tells what the knowledge base knows of a QID, where findings are to be enriched.
    """

    def __init__(self, fields: frozenset[str], longest_results: int, enrich: Optional[Enrich]) -> None:
        self._fields = fields
        self._enrich = enrich
        self._longest_results = longest_results
        self._plans: dict[Row, Plan] = {}

    def read(self, detections: Iterable[Element], since: Optional[str], start: str, without_fqdn: str) -> Findings:
        """All findings of one host; those that changed `since` are told, none where it is None.

        An event begins with `start`, that of a finding with an FQDN of its own with the other one.
        """
        found = Findings()
        for detection in detections:
            children = detection[:]
            shape = tuple([child.tag for child in children])
            plan = self._plans.get(shape) or self._plan(shape)
            texts: Texts = [child.text for child in children]  # type: ignore[misc]
            if not all(texts):  # an empty element has None
                texts = [text or "" for text in texts]
            texts.append("")
            few, known = plan.few(texts), ""
            form = plan.forms.get(few) or plan.form(few)
            if self._enrich or plan.results is not None:
                form, known = self._more(plan, form, texts)
            found.forms.append(form)
            found.processed.append(texts[plan.processed])
            if since is not None and (texts[plan.updated] >= since or _is_changed(plan, texts, since)):
                found.tell(plan, form, without_fqdn if form.has_fqdn else start, texts)
                if known or plan.nested:
                    found.mend(children, known)
        return found

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


def _is_changed(plan: Plan, texts: Texts, since: str) -> bool:
    """Whether the finding, or its status, changed since. One that says nothing of time (``-``) always did."""
    changed = max(map(str.strip, plan.times(texts)), default="")
    return changed >= since or not epoch(changed)


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
