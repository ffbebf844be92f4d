"""CVSS scores as elements.

The letters of the vector become the numbers of the old elements: ACCESS/VECTOR is 3 for AV:N.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..nodes import Node
from .model import Score

_Part = tuple[str, tuple[tuple[str, str], ...]]

_IMPACT: _Part = ("IMPACT", (("CONFIDENTIALITY", "C"), ("INTEGRITY", "I"), ("AVAILABILITY", "A")))
PARTS: Mapping[str, tuple[_Part, ...]] = {
    "CVSS": (
        ("ACCESS", (("VECTOR", "AV"), ("COMPLEXITY", "AC"))),
        _IMPACT,
        ("AUTHENTICATION", (("", "Au"),)),
        ("EXPLOITABILITY", (("", "E"),)),
        ("REMEDIATION_LEVEL", (("", "RL"),)),
        ("REPORT_CONFIDENCE", (("", "RC"),)),
    ),
    "CVSS_V3": (
        ("ATTACK", (("VECTOR", "AV"), ("COMPLEXITY", "AC"))),
        _IMPACT,
        ("PRIVILEGES_REQUIRED", (("", "PR"),)),
        ("USER_INTERACTION", (("", "UI"),)),
        ("SCOPE", (("", "S"),)),
        ("EXPLOIT_CODE_MATURITY", (("", "E"),)),
        ("REMEDIATION_LEVEL", (("", "RL"),)),
        ("REPORT_CONFIDENCE", (("", "RC"),)),
    ),
    "CVSS_V4": (),
}
VERSION_ELEMENTS: Mapping[str, str] = {"CVSS_V3": "CVSS3_VERSION", "CVSS_V4": "CVSS4_VERSION"}
_IMPACTS = ("N", "PL", "CH")
_SCALES: Mapping[str, tuple[str, ...]] = {
    "AV": ("PL", "A", "N"),
    "AC": ("L", "M", "H"),
    "Au": ("N", "S", "M"),
    "C": _IMPACTS,
    "I": _IMPACTS,
    "A": _IMPACTS,
    "PR": ("N", "L", "H"),
    "UI": ("N", "R"),
    "S": ("U", "C"),
    "E": ("U", "P", "F", "H"),
    "RL": ("O", "T", "W", "U"),
    "RC": ("U", "R", "C"),
}
"""Metric -> the first letters of its values, from 1 on."""


def score_node(name: str, version: str, score: Score, *, whole: bool) -> Node:
    """The element `name` with BASE and TEMPORAL; if `whole`, with the vector and its parts too."""
    source = (("source", score.source),) if score.source else ()
    children = [Node("BASE", score.base, attributes=source)]
    if score.temporal:
        children.append(Node("TEMPORAL", score.temporal))
    if whole and score.vector:
        children.append(Node("VECTOR_STRING", vector_string(version, score)))
        if name in VERSION_ELEMENTS:
            children.append(Node(VERSION_ELEMENTS[name], version))
        children.extend(_parts(PARTS[name], score))
    return Node(name, children=tuple(children))


def vector_string(version: str, score: Score) -> str:
    """``CVSS:3.1/AV:N/…``; "" for a score without a vector."""
    return f"CVSS:{version}/{score.vector}" if score.vector else ""


def _parts(parts: Iterable[_Part], score: Score) -> Iterable[Node]:
    values = dict(part.split(":") for part in score.vector.split("/"))
    for name, metrics in parts:
        numbers = tuple((child, str(_number(metric, values[metric]))) for child, metric in metrics)
        if numbers[0][0]:
            yield Node(name, children=tuple(Node(child, number) for child, number in numbers))
        else:
            yield Node(name, numbers[0][1])


def _number(metric: str, value: str) -> int:
    return next(place for place, letters in enumerate(_SCALES[metric], start=1) if value[0] in letters)
