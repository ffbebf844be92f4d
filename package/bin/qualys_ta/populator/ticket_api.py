"""What is asked of the ticket API, and what a person may choose of it.

Sources: API v1 guide, "Ticket List"; the guide of the vendor's Ticket Notification Engine, whose names and rules these
settings keep.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Optional

from ..errors import ConfigError
from ..times import is_time, utc
from .comma_list import comma_list, is_number, is_number_or_range, is_title

STATES = ("OPEN", "RESOLVED", "CLOSED", "IGNORED")
EARLIEST = "1970-01-01T00:00:00Z"
EVERYTHING = "All"
"""The asset group that holds every address of the account."""

DAY_S = 86_400
STATES_SETTING = "states"
MOST_QIDS = 10
LONGEST_TEXT = 100
CHOSEN = (
    "ticket_numbers",
    "until_ticket_number",
    "ticket_assignee",
    "overdue",
    "invalid",
    "unmodified_since_datetime",
    "ips",
    "asset_groups",
    "dns_contains",
    "netbios_contains",
    "vuln_severities",
    "potential_vuln_severities",
    "qids",
    "vuln_title_contains",
    "vuln_details_contains",
    "vendor_ref_contains",
)
"""Settings that go to the platform under their own names, where they are set."""

_AROUND_DASH = re.compile(r"\s*-\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    """States and hosts are always named, so the platform is never asked without a filter."""
    wanted = {STATES_SETTING: ",".join(settings[STATES_SETTING] or STATES)}
    wanted.update((name, str(settings[name])) for name in CHOSEN if settings[name])
    if not (settings["ips"] or settings["asset_groups"]):
        wanted["asset_groups"] = EVERYTHING
    if settings["show_vuln_details"]:
        wanted["show_vuln_details"] = "1"
    return wanted


def since_params(since: Optional[str]) -> dict[str, str]:
    return {"modified_since_datetime": since or EARLIEST}


def start(settings: Mapping[str, Any], now: float) -> str:
    """Where the first pull starts: at the chosen date, else so many days ago, else at the beginning."""
    days = settings["history_days"]
    return settings["modified_since_datetime"] or (utc(max(now - days * DAY_S, 1)) if days else EARLIEST)


def moment(text: str) -> str:
    """A date with or without a time, as a time."""
    told = f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text
    if not is_time(told):
        raise ConfigError(f"{text!r} is no UTC date such as 2024-01-31 or 2024-01-31T12:00:00Z.")
    return told


def numbers(text: str) -> str:
    """Numbers and ranges of them."""
    return comma_list(text, is_number_or_range, "ticket numbers such as 1201,1300-1400")


def one_number(text: str) -> str:
    if not is_number(text):
        raise ConfigError(f"{text!r} is not the number of a ticket.")
    return text


def addresses(text: str) -> str:
    """IPv4 addresses and ranges of them, without the spaces that the platform refuses."""
    text = _AROUND_DASH.sub("-", text)
    return comma_list(text, _is_address_or_range, "IPv4 addresses, or ranges of them as FIRST-LAST")


def severities(text: str) -> str:
    return comma_list(text, lambda part: part in ("1", "2", "3", "4", "5"), "severities from 1 to 5, such as 4,5")


def qids(text: str) -> str:
    found = comma_list(text, is_number, "QIDs such as 90477,105311")
    if found.count(",") >= MOST_QIDS:
        raise ConfigError(f"these are {found.count(',') + 1} QIDs; the platform takes {MOST_QIDS} at most.")
    return found


def titles(text: str) -> str:
    """Titles of asset groups, which may hold anything but a comma."""
    return comma_list(text, is_title, "titles of asset groups")


def either(text: str) -> str:
    if text not in ("0", "1"):
        raise ConfigError(f"{text!r} is neither 1 (only these) nor 0 (only the others).")
    return text


def login(text: str) -> str:
    if not text.isprintable() or "," in text:
        raise ConfigError(f"{text!r} is not the login of one user.")
    return text


def part_of_text(text: str) -> str:
    """What a text must contain: at most 100 characters, ASCII alone."""
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"these are {len(text)} characters; the platform takes {LONGEST_TEXT} at most.")
    if not text.isascii() or not text.isprintable():
        raise ConfigError(f"{text!r} holds characters that are not ASCII; the platform takes no others.")
    return text


def check_together(settings: Mapping[str, Any]) -> None:
    """The rule that no setting breaks alone. Raises ConfigError."""
    since, until = settings["modified_since_datetime"], settings["unmodified_since_datetime"]
    if since and until and until <= since:
        raise ConfigError(
            f"Not modified since: {until} is not after {since} (Modified since), so there can be no ticket.",
            "unmodified_since_datetime",
        )


def _is_address_or_range(part: str) -> bool:
    first, dash, last = part.partition("-")
    try:
        return ipaddress.IPv4Address(first) <= ipaddress.IPv4Address(last if dash else first)
    except ValueError:
        return False
