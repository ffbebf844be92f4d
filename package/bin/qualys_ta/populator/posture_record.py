"""An INFO as plain text, so that it can wait until the glossary behind it was read.

The records of a page differ little in which children they have, so what is to be done with a shape (the tags of the
children, in order) is worked out once, as a `Plan`. The texts of a record wait joined, because one long text costs a
fifth of many short ones to write, to read and to clean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from .keyvalue import SEPARATOR, WHITE_SPACE, key, single_lines
from .posture_text import pairs, piece

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

_AROUND = ("start", "control", "cause", "evidence", "number", "host", "exception")
"""What stands in an event besides texts of the record's own children."""

_EXCEPTION = {
    "EXCEPTION_STATUS": "STATUS",
    "EXCEPTION_ASSIGNEE": "ASSIGNEE",
    "EXCEPTION_END_DATETIME": "END_DATETIME",
}
_SAID = frozenset(("V", "ERROR"))

MOST_PLANS = 1000
"""Remembered; a real subscription has some dozen shapes."""

Kept = tuple[Any, ...]
"""owner, shape, texts (`SEPARATOR` between them), `Nested` or None."""

Nested = tuple[str, str, int, tuple[int, ...]]
"""Piece of the cause, piece of the exception; how many of the texts behind those of the children are the expression
(one or none), and of each data point: its label, the label of the words that its values stand for, its values."""

Shape = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What to do with records of one shape. `alone` takes `_ALONE` of the texts of the `count` children and an empty
    one behind them, for what is not there; `pick` takes what fills `form` of these and of what stands `_AROUND`."""

    shape: Shape
    count: int
    alone: Callable[[Sequence[str]], tuple[str, ...]]
    pick: Callable[[Sequence[str]], tuple[str, ...]]
    form: str
    has_nested: bool
    cause: Optional[int]
    evidence: Optional[int]
    exception: Optional[int]


class PostureReader:
    """Reads the INFOs of one answer."""

    def __init__(self) -> None:
        self._plans: dict[Shape, Plan] = {}

    def read(self, info: Element, owner: str) -> Kept:
        children = info[:]
        plan = self.plan(tuple([child.tag for child in children]))
        texts = [child.text for child in children]
        nested = _nested(plan, children, texts) if plan.has_nested else None
        if not all(texts):  # an empty element has None
            texts = [text or "" for text in texts]
        return owner, plan.shape, SEPARATOR.join(texts), nested  # type: ignore[arg-type]

    def plan(self, shape: Shape) -> Plan:
        plan = self._plans.get(shape)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            plan = self._plans[shape] = _plan_for(shape)
        return plan


def _plan_for(shape: Shape) -> Plan:
    at = {tag: place for place, tag in reversed(list(enumerate(shape)))}
    first, last = ([tag for tag in tags if tag in at] for tags in (_FIRST, _LAST))
    around = {name: len(shape) + 1 + place for place, name in enumerate(_AROUND)}
    places = [around["start"], around["control"], *map(at.__getitem__, first), around["cause"], around["evidence"]]
    places += [around["number"], *map(at.__getitem__, last), around["host"], around["exception"]]
    nested = [at.get(tag) for tag in ("CAUSE_OF_FAILURE", "EVIDENCE", "EXCEPTION")]
    return Plan(
        shape,
        len(shape),
        alone=itemgetter(*(at.get(tag, len(shape)) for tag in _ALONE)),
        pick=itemgetter(*places),
        form=f"%s%s{_form(first)}%s%s{_form(['POSTURE_ID', *last])}%s%s",
        has_nested=any(place is not None for place in nested),
        cause=nested[0],
        evidence=nested[1],
        exception=nested[2],
    )


def _form(tags: Sequence[str]) -> str:
    """Keys of ours, to be filled by their values in turn."""
    return "".join(f', {tag}="%s"' for tag in tags)


def _nested(plan: Plan, children: Sequence[Element], texts: list[Optional[str]]) -> Nested:
    """What is nested; the texts of the evidence are put behind those of the children."""
    cause = "" if plan.cause is None else _cause(children[plan.cause])
    exception = "" if plan.exception is None else pairs(children[plan.exception], _EXCEPTION)
    if plan.evidence is None:
        return cause, exception, 0, ()
    evidence = children[plan.evidence]
    expression, listed = evidence.findtext("BOOLEAN_EXPR"), evidence.find("DPV_LIST")
    if expression is not None:
        texts.append(expression)
    points = () if listed is None else tuple([_point(point, texts) for point in listed])
    return cause, exception, int(expression is not None), points


def _cause(cause: Element) -> str:
    """What was missing, what was unexpected, or whatever else the platform says, by the element's name."""
    told = ""
    for child in cause:
        name = _cause_key(child.tag)
        values = single_lines([text for text in child.itertext() if text.strip(WHITE_SPACE)])
        told += f', {name}="{",".join(filter(None, values))}"'
        logic = child.get("logic")
        if logic is not None:
            told += piece(f"{name}_LOGIC", logic)
    return told


@lru_cache(maxsize=16)
def _cause_key(tag: str) -> str:
    return f"CAUSE_OF_FAILURE_{key(tag)}"


def _point(point: Element, texts: list[Optional[str]]) -> int:
    """Add its texts, and say how many they are."""
    label: Optional[str] = ""
    words: Optional[str] = ""
    values = []
    for child in point:
        tag = child.tag
        if tag in _SAID:
            values.append(child.text)
        elif tag == "LABEL":
            label = child.text
        elif tag == "TM_REF":
            words = child.text
    texts += (label, words, *values)
    return 2 + len(values)
