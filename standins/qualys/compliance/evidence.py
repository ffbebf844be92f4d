"""How a posture came to its status: what was expected and found, in the platform's notation.

BOOLEAN_EXPR names data points ``:dp_N``, fixed values ``#fv_N`` and tunable parameters ``$tp_N``; the glossary says
what they are. ``$tp_N`` is the policy's own choice: the same label has another value under another policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..clock import stamp
from ..nodes import Node
from .catalog import CODES
from .draw import dice
from .model import ERROR, FAILED, Control, Policy, Posture

TM_LABEL = "@tm_1"
SECOND_VALUES = ("0600", "root", "100")


def labels(control: Control) -> dict[str, str]:
    """The places of the control's expression -> their labels."""
    points = {f"dp{place or ''}": f":dp_{point.number}" for place, point in enumerate(control.points)}
    if "dp1" in points:
        points["dp2"] = points.pop("dp1")
    return {**points, "fv": f"#fv_{control.id}", "tp": f"$tp_{control.id}"}


def tunable(policy: Policy, control: Control) -> tuple[str, ...]:
    """What the policy wants of the control where it may choose."""
    return (str(14 + policy.number), f'{control.check.wanted[0]}|"-"')


def values(name: str, each: Iterable[str]) -> Node:
    """An element with one V for each value."""
    return Node(name, children=tuple(Node("V", value, True) for value in each))


def evidence(posture: Posture, *, extended: bool) -> Node:
    """``EVIDENCE(BOOLEAN_EXPR, DPV_LIST(DPV(LABEL, ERROR | V*, TM_REF?)), EXTENDED_EVIDENCE?)``."""
    control = posture.control
    names = labels(control)
    found = [_point_value(posture, names["dp"], posture.values)]
    if "dp2" in names:
        found.append(_point_value(posture, names["dp2"], SECOND_VALUES[: 1 + dice(posture.id) % 3]))
    children = [
        Node("BOOLEAN_EXPR", control.check.expression.format(**names), True),
        Node("DPV_LIST", children=tuple(found)),
    ]
    if extended:
        children.append(Node("EXTENDED_EVIDENCE", 'File: /etc/a.conf\nLine 7: a = "b" # <c>', True))
    return Node("EVIDENCE", children=tuple(children))


def cause_of_failure(posture: Posture) -> Optional[Node]:
    """What a host that fails lacks, and what it has that it should not have: one of them, or both."""
    if posture.status != FAILED:
        return None
    drawn = dice(posture.id)
    kind = drawn % 4
    missing = values("MISSING", posture.control.check.wanted)
    logic = (("logic", "OR" if drawn % 8 < 4 else "AND"),)
    missing = missing._replace(attributes=logic if kind != 2 else ())
    unexpected = values("UNEXPECTED", posture.values)
    children = {0: (missing, unexpected), 1: (missing,), 2: (missing,), 3: (unexpected,)}[kind]
    return Node("CAUSE_OF_FAILURE", children=children)


def _point_value(posture: Posture, label: str, found: tuple[str, ...]) -> Node:
    """Some data points do not say when they were read."""
    dated = (("lastUpdated", stamp(posture.standing.evaluated_at)),) if dice(posture.id) % 8 else ()
    told = [Node("LABEL", label)]
    if posture.status == ERROR:
        told.append(Node("ERROR", 'Access to "data point" denied <5>', True))
    else:
        told.extend(Node("V", value, True) for value in found)
        told.extend([Node("TM_REF", TM_LABEL)] if CODES.keys() & set(found) else ())
    return Node("DPV", children=tuple(told), attributes=dated)
