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

PARTS = len(_ALONE) + 4
"""Parts of a record: `_ALONE`, its first piece, its last piece, those of its cause and of its exception."""

_EXCEPTION = {
    "EXCEPTION_STATUS": "STATUS",
    "EXCEPTION_ASSIGNEE": "ASSIGNEE",
    "EXCEPTION_END_DATETIME": "END_DATETIME",
}
_SAID = frozenset(("V", "ERROR"))

MOST_PLANS = 1000
"""Remembered; a real subscription has some dozen shapes."""

Kept = tuple[Any, ...]
"""owner, the `PARTS` of the record and the texts of its evidence (`SEPARATOR` between them), `Evidence` or None."""

Evidence = tuple[int, tuple[int, ...]]
"""How many of the texts are the expression (one or none), and of each data point: its label, the label of the words
that its values stand for, its values."""

Shape = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What to do with records of one shape: the texts of the children and an empty one, for what is not there, are
    picked and put into `form`, which gives all parts but the nested ones."""

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
        shape = tuple([child.tag for child in children])
        plan = self._plans.get(shape) or self._plan(shape)
        texts = [child.text or "" for child in children]
        texts.append("")
        values = list(plan.pick(texts))
        if not plan.has_nested:
            return owner, plan.form % tuple(single_lines(values)), None
        cause = "" if plan.cause is None else _cause(children[plan.cause])
        exception = "" if plan.exception is None else pairs(children[plan.exception], _EXCEPTION)
        said, evidence = ([], None) if plan.evidence is None else _evidence(children[plan.evidence])
        lines = single_lines([*values, *said])
        parts = plan.form % tuple(lines[: len(values)])
        return owner, SEPARATOR.join((parts, cause, exception, *lines[len(values) :])), evidence

    def _plan(self, shape: Shape) -> Plan:
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(shape, _plan_for(shape))


def _plan_for(shape: Shape) -> Plan:
    at = {tag: place for place, tag in reversed(list(enumerate(shape)))}
    first, last = ([tag for tag in tags if tag in at] for tags in (_FIRST, _LAST))
    parts = [*("%s" for _ in _ALONE), _form(first), _form(last)]
    nested = [at.get(tag) for tag in ("CAUSE_OF_FAILURE", "EVIDENCE", "EXCEPTION")]
    has_nested = any(place is not None for place in nested)
    return Plan(
        itemgetter(*(at.get(tag, len(shape)) for tag in (*_ALONE, *first, *last))),
        SEPARATOR.join(parts if has_nested else (*parts, "", "")),
        has_nested,
        *nested,
    )


def _form(tags: Sequence[str]) -> str:
    """Keys of ours, to be filled by their values in turn."""
    return "".join(f', {tag}="%s"' for tag in tags)


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


def _evidence(evidence: Element) -> tuple[list[str], Evidence]:
    """Its texts, and how they stand."""
    expression, listed = evidence.findtext("BOOLEAN_EXPR"), evidence.find("DPV_LIST")
    texts = [] if expression is None else [expression]
    counts = () if listed is None else tuple([_point(point, texts) for point in listed])
    return texts, (int(expression is not None), counts)


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
