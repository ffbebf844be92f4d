"""An INFO as plain text, so that it can wait until the glossary behind it was read.

The records of a page differ little in which children they have, so what is to be done with a shape (the tags of the
children, in order) is worked out once, as a `Plan`. The texts of a record wait joined, because one long text costs a
fifth of many short ones to write, to read and to clean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Callable, Optional
from xml.etree.ElementTree import Element

from ..model import SEPARATOR as RECORDS
from .keyvalue import SEPARATOR, WHITE_SPACE, key, single_lines
from .posture_text import pairs, piece
from .remembered import Remembered

_FIRST = ("STATUS", "POSTURE_MODIFIED_DATE", "REMEDIATION")
_LAST = (
    "INSTANCE",
    "EVALUATION_DATE",
    "PREVIOUS_STATUS",
    "FIRST_FAIL_DATE",
    "LAST_FAIL_DATE",
    "FIRST_PASS_DATE",
    "LAST_PASS_DATE",
)
_ALONE = ("ID", "HOST_ID", "CONTROL_ID", "TECHNOLOGY_ID", "STATUS", "POSTURE_MODIFIED_DATE", "EVALUATION_DATE")
"""What is looked at for itself, whether the record has it or not."""

PARTS = len(_ALONE) + 2
"""Parts of a record: `_ALONE`, its first piece, its last piece."""

_EXCEPTION = {
    "EXCEPTION_STATUS": "STATUS",
    "EXCEPTION_ASSIGNEE": "ASSIGNEE",
    "EXCEPTION_END_DATETIME": "END_DATETIME",
}
_ONE_MORE = f"{SEPARATOR}%s"
_SAID = frozenset(("V", "ERROR"))

MOST_PLANS = 1000
"""Remembered; a real subscription has some dozen shapes."""

Evidence = tuple[int, tuple[int, ...]]
"""How many of the texts are the expression (one or none), and of each data point: its label, the label of the words
that its values stand for, its values."""

Nested = Optional[tuple[str, str]]
"""The pieces of a cause and of an exception; None where there is neither."""

Columns = tuple[str, Sequence[Nested], Sequence[Optional[Evidence]]]
"""Of each record: its `PARTS` and the texts of its evidence, joined by `SEPARATOR`, and those of all records by
`RECORDS`; what is nested; how the texts of the evidence stand."""

Shape = tuple[str, ...]
Said = tuple[Optional[str], ...]
"""Of a child of a cause: its tag, its logic where it has one, its texts."""


@dataclass(frozen=True)
class Plan:
    """What to do with records of one shape: the texts of the children and an empty one, for what is not there, are
    picked and put into `form`, which gives the `PARTS`."""

    pick: Callable[[Sequence[str]], tuple[str, ...]]
    form: str
    has_nested: bool
    cause: Optional[int]
    evidence: Optional[int]
    exception: Optional[int]


class PostureReader:
    """Reads the INFOs of one answer, those that came together at once: their texts are cleaned at the price of one."""

    def __init__(self) -> None:
        self._plans: dict[Shape, Plan] = {}
        self._cause = Remembered(_cause_told)

    def read(self, infos: Iterable[Element]) -> Columns:
        texts: list[str] = []
        forms, nested, standing = zip(*[self._read(info, texts) for info in infos])
        return RECORDS.join(forms) % tuple(single_lines(texts)), nested, standing

    def _read(self, info: Element, texts: list[str]) -> tuple[str, Nested, Optional[Evidence]]:
        """Add its texts. Returns the form that they are put into, its nested parts, and how those of its evidence
        stand."""
        children = info[:]
        shape = tuple([child.tag for child in children])
        plan = self._plans.get(shape) or self._plan(shape)
        own = [child.text or "" for child in children]
        own.append("")
        texts += plan.pick(own)
        if not plan.has_nested:
            return plan.form, None, None
        cause = "" if plan.cause is None else self._cause[_said_of(children[plan.cause])]
        exception = "" if plan.exception is None else pairs(children[plan.exception], _EXCEPTION)
        nested = (cause, exception) if cause or exception else None
        if plan.evidence is None:
            return plan.form, nested, None
        before = len(texts)
        evidence = _evidence(children[plan.evidence], texts)
        return plan.form + (len(texts) - before) * _ONE_MORE, nested, evidence

    def _plan(self, shape: Shape) -> Plan:
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(shape, _plan_for(shape))


def _plan_for(shape: Shape) -> Plan:
    at = {tag: place for place, tag in reversed(list(enumerate(shape)))}
    first, last = ([tag for tag in tags if tag in at] for tags in (_FIRST, _LAST))
    parts = [*("%s" for _ in _ALONE), _form(first), _form(last)]
    nested = [at.get(tag) for tag in ("CAUSE_OF_FAILURE", "EVIDENCE", "EXCEPTION")]
    return Plan(
        itemgetter(*(at.get(tag, len(shape)) for tag in (*_ALONE, *first, *last))),
        SEPARATOR.join(parts),
        any(place is not None for place in nested),
        *nested,
    )


def _form(tags: Sequence[str]) -> str:
    """Keys of ours, to be filled by their values in turn."""
    return "".join(f', {tag}="%s"' for tag in tags)


def _said_of(cause: Element) -> tuple[Said, ...]:
    return tuple([(child.tag, child.get("logic"), *child.itertext()) for child in cause])


def _cause_told(*children: Said) -> str:
    """What was missing, what was unexpected, or whatever else the platform says, by the element's name."""
    told = ""
    for tag, logic, *texts in children:
        name = _cause_key(tag or "")
        values = single_lines([text for text in texts if text and text.strip(WHITE_SPACE)])
        told += f', {name}="{",".join(filter(None, values))}"'
        if logic is not None:
            told += piece(f"{name}_LOGIC", logic)
    return told


@lru_cache(maxsize=16)
def _cause_key(tag: str) -> str:
    return f"CAUSE_OF_FAILURE_{key(tag)}"


def _evidence(evidence: Element, texts: list[str]) -> Evidence:
    """Add its texts, and say how they stand."""
    expression, listed = evidence.findtext("BOOLEAN_EXPR"), evidence.find("DPV_LIST")
    if expression is not None:
        texts.append(expression)
    counts = () if listed is None else tuple([_point(point, texts) for point in listed])
    return int(expression is not None), counts


def _point(point: Element, texts: list[str]) -> int:
    """Add its texts, and say how many they are."""
    label = words = ""
    values = []
    for child in point:
        tag = child.tag
        if tag in _SAID:
            values.append(child.text or "")
        elif tag == "LABEL":
            label = child.text or ""
        elif tag == "TM_REF":
            words = child.text or ""
    texts += (label, words, *values)
    return 2 + len(values)
