"""An INFO as plain texts, so that it can wait until the glossary behind it was read.

What needs no glossary is made a piece of the event at once: the records of a page differ little in which children they
have, so what is to be done with a shape (the tags of the children, in order) is worked out once, as a `Plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from .keyvalue import WHITE_SPACE, key, single_lines
from .posture_text import pairs, piece, unbroken

_IDS = ("ID", "HOST_ID", "CONTROL_ID", "TECHNOLOGY_ID")
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
_ALONE = (*_IDS, "STATUS", "POSTURE_MODIFIED_DATE", "EVALUATION_DATE")
"""What is looked at for itself, whether the record has it or not."""

_LOOKED_AT = len(_ALONE)

_EXCEPTION = {
    "EXCEPTION_STATUS": "STATUS",
    "EXCEPTION_ASSIGNEE": "ASSIGNEE",
    "EXCEPTION_END_DATETIME": "END_DATETIME",
}
_SAID = frozenset(("V", "ERROR"))

MOST_PLANS = 1000
"""Remembered; a real subscription has some dozen shapes."""

Kept = tuple[Any, ...]
"""owner, its four ids, STATUS, POSTURE_MODIFIED_DATE, EVALUATION_DATE, its first piece, `Evidence` or None, its last
piece, the piece of its exception."""

DataPoint = tuple[str, str, tuple[str, ...]]
"""Label, label of the words that its values stand for, values."""

Evidence = tuple[Optional[str], tuple[DataPoint, ...]]
"""Expression, and what was found."""


@dataclass(frozen=True)
class Plan:
    """What to do with records of one shape.

    The texts of the children end with an empty one, for what is not there. `pick` takes what is looked at for itself,
    then what fills `first`, and from `last_from` on what fills `last`.
    """

    pick: Callable[[Sequence[str]], tuple[str, ...]]
    last_from: int
    first: str
    last: str
    cause: Optional[int]
    evidence: Optional[int]
    exception: Optional[int]


class PostureReader:
    """Reads the INFOs of one answer."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, ...], Plan] = {}

    def read(self, info: Element, owner: str) -> Kept:
        children = info[:]
        shape = tuple([child.tag for child in children])
        plan = self._plans.get(shape) or self._plan(shape)
        texts = [child.text or "" for child in children]
        texts.append("")
        lines = tuple(single_lines(list(plan.pick(texts))))
        alone = lines[:_LOOKED_AT]
        if not "".join(lines[:4]).isdecimal():
            alone = (*map(unbroken, lines[:4]), *lines[4:_LOOKED_AT])
        first = plan.first % lines[_LOOKED_AT : plan.last_from]
        if plan.cause is not None:
            first += _cause(children[plan.cause])
        return (
            owner,
            *alone,
            first,
            None if plan.evidence is None else _evidence(children[plan.evidence]),
            plan.last % lines[plan.last_from :],
            "" if plan.exception is None else pairs(children[plan.exception], _EXCEPTION),
        )

    def _plan(self, shape: tuple[str, ...]) -> Plan:
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(shape, _plan_for(shape))


def _plan_for(shape: tuple[str, ...]) -> Plan:
    at = {tag: place for place, tag in reversed(list(enumerate(shape)))}
    first, last = ([tag for tag in tags if tag in at] for tags in (_FIRST, _LAST))
    return Plan(
        pick=itemgetter(*(at.get(tag, len(shape)) for tag in (*_ALONE, *first, *last))),
        last_from=_LOOKED_AT + len(first),
        first=_form(first),
        last=_form(last),
        cause=at.get("CAUSE_OF_FAILURE"),
        evidence=at.get("EVIDENCE"),
        exception=at.get("EXCEPTION"),
    )


def _form(tags: Iterable[str]) -> str:
    """Keys of ours, to be filled by their values in turn."""
    return "".join(f', {tag}="%s"' for tag in tags)


def _cause(cause: Element) -> str:
    """What was missing, what was unexpected, or whatever else the platform says, by the element's name."""
    told = ""
    for child in cause:
        name = f"CAUSE_OF_FAILURE_{key(child.tag)}"
        values = single_lines([text for text in child.itertext() if text.strip(WHITE_SPACE)])
        told += f', {name}="{",".join(filter(None, values))}"'
        logic = child.get("logic")
        if logic is not None:
            told += piece(f"{name}_LOGIC", logic)
    return told


def _evidence(evidence: Element) -> Evidence:
    listed = evidence.find("DPV_LIST")
    points = () if listed is None else tuple(map(_point, listed))
    return evidence.findtext("BOOLEAN_EXPR"), points


def _point(point: Element) -> DataPoint:
    label = words = ""
    values = []
    for child in point:
        if child.tag in _SAID:
            values.append(child.text or "")
        elif child.tag == "LABEL":
            label = child.text or ""
        elif child.tag == "TM_REF":
            words = child.text or ""
    label, words, *values = single_lines([label, words, *values])
    return label, words, tuple(values)
