"""Dirt in policies, controls and posture; which of them is soiled depends on its id."""

from __future__ import annotations

import html
from dataclasses import replace

from ..dirt import Dirt
from .catalog import CODES
from .draw import dice
from .model import Control, Policy, Posture

NEW_STATUS = "Not Applicable"
"""A status that no guide knows."""
NEW_STATUS_EVERY = 25
LACKING_EVERY = 5
_CONTROL_CHARS = "\x00caf\udce9 \x0b{}\x01\x1f\ufffe"


def lacks(ident: int, dirt: Dirt) -> bool:
    """Whether a glossary says nothing of this host, control or technology, though posture names it."""
    return "gaps" in dirt and dice(ident) % LACKING_EVERY == 0


def soil_policy(policy: Policy, dirt: Dirt) -> Policy:
    """The policy with soiled text."""
    if "no_value" in dirt and policy.id % 2:
        policy = replace(policy, created_by="-")
    return replace(policy, title=_soiled(policy.title, policy.id, dirt))


def soil_control(control: Control, dirt: Dirt) -> Control:
    """The control with soiled text."""
    if "no_value" in dirt and not control.reference:
        control = replace(control, reference="N/A")
    return replace(control, statement=_soiled(control.statement, control.id, dirt))


def soil_posture(posture: Posture, dirt: Dirt) -> Posture:
    """The posture with soiled text, and now and then with a status that nobody knows."""
    if "new_status" in dirt and dice(posture.id) % NEW_STATUS_EVERY == 0:
        posture = replace(posture, standing=posture.standing._replace(status=NEW_STATUS))
    if "no_value" in dirt and not posture.instance:
        posture = replace(posture, instance="-")
    if posture.id % 3 < 2:
        return replace(
            posture,
            remediation=_soiled(posture.remediation, posture.id, dirt),
            values=tuple(v if v in CODES else _soiled(v, posture.id, dirt) for v in posture.values),
        )
    return posture


def _soiled(text: str, ident: int, dirt: Dirt) -> str:
    if "control_chars" in dirt and ident % 3 == 0:
        return _CONTROL_CHARS.format(text)
    if "entities" in dirt and ident % 3 == 1:
        return f"\n\t\t{html.escape(text)}&lt;BR&gt;\n\t"
    return text
