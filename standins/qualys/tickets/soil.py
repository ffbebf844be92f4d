"""Dirt in tickets; which one is soiled depends on its number."""

from __future__ import annotations

import html
from dataclasses import replace

from ..dirt import Dirt
from .model import Ticket


def soil_ticket(ticket: Ticket, dirt: Dirt) -> Ticket:
    """The ticket with soiled text."""
    found = ticket.vulnerability
    if "control_chars" in dirt and ticket.number % 3 == 0:
        found = replace(found, title=f"\x00{found.title}\x02 caf\udce9\x0b")
    if "entities" in dirt and ticket.number % 3 == 1:
        found = replace(found, title=f"\n\t\t{html.escape(found.title)}\n\t")
    spot = ticket.spot
    if "no_value" in dirt and spot.netbios is None:
        spot = replace(spot, netbios=("-", "N/A", "None")[ticket.number % 3])
    return replace(ticket, vulnerability=found, spot=spot)
