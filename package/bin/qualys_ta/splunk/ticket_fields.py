"""The tab of remediation tickets: what a person can set for it."""

from __future__ import annotations

from typing import Callable

from ..populator import ticket_api
from .field import CHOICE, Field, choices_field, flag_field, number_field

_YES_OR_NO = ("1", "0")


def _chosen(name: str, label: str, about: str, check: Callable[[str], object]) -> Field:
    return Field(name, label, f"{about} Empty is all.", check=check)


def _contains(name: str, label: str, what: str) -> Field:
    return _chosen(name, label, f"Tickets whose {what} holds this: 100 ASCII characters at most.", _PART)


def _either(name: str, label: str, yes: str, no: str, more: str = "") -> Field:
    options = tuple(zip(_YES_OR_NO, (yes, no)))
    return Field(name, label, f"Leave empty for both.{more}", CHOICE, options=options, check=ticket_api.either)


_PART = ticket_api.part_of_text

TICKET_FIELDS = (
    choices_field(
        "states",
        "States",
        "All by default: a ticket that was fixed or ignored would else never be seen again, and stay open in Splunk.",
        ticket_api.STATES,
        ticket_api.STATES,
    ),
    Field(
        "modified_since_datetime",
        "Modified since",
        "Where the first pull starts, in UTC, such as 2024-01-31 or 2024-01-31T12:00:00Z. Later pulls go on from the "
        "one before. The input's start date does not count here.",
        check=ticket_api.moment,
    ),
    number_field(
        "history_days",
        "Days of history",
        "Where the first pull starts, if no date is set above: so many days ago. 0 is from 1970 on.",
        "0",
        0,
        36_500,
    ),
    Field(
        "unmodified_since_datetime",
        "Not modified since",
        "Only tickets that nobody touched from then on, in UTC. No pull ever brings a ticket modified later.",
        check=ticket_api.moment,
    ),
    _chosen("ips", "IP addresses", "Addresses and ranges, with commas between.", ticket_api.addresses),
    Field(
        "asset_groups",
        "Asset groups",
        "Titles, with commas between. Without these and IP addresses the group All is asked for.",
        check=ticket_api.titles,
    ),
    _contains("dns_contains", "DNS name", "host's DNS name"),
    _contains("netbios_contains", "NetBIOS name", "host's NetBIOS name"),
    _chosen("vuln_severities", "Severities", "Of confirmed vulnerabilities, such as 4,5.", ticket_api.severities),
    _chosen(
        "potential_vuln_severities",
        "Severities, potential",
        "Of potential vulnerabilities, such as 5.",
        ticket_api.severities,
    ),
    _chosen("qids", "QIDs", f"With commas between, {ticket_api.MOST_QIDS} at most.", ticket_api.qids),
    _contains("vuln_title_contains", "Title", "vulnerability's title"),
    _contains("vuln_details_contains", "Details", "vulnerability's threat, impact, solution or results"),
    _contains("vendor_ref_contains", "Vendor reference", "vulnerability's vendor reference"),
    _chosen("ticket_assignee", "Assignee", "The login of one user.", ticket_api.login),
    _either(
        "overdue",
        "Overdue",
        "Only overdue ones",
        "Only those that are not",
        " To fall due is no modification: tickets that do so later do not come for it.",
    ),
    _either("invalid", "Invalid", "Only invalid ones", "Only valid ones"),
    _chosen("ticket_numbers", "Ticket numbers", "Numbers and ranges, with commas between.", ticket_api.numbers),
    _chosen("until_ticket_number", "Last ticket number", "The highest number to pull.", ticket_api.one_number),
    flag_field(
        "show_vuln_details",
        "Log vulnerability details",
        "Diagnosis, consequence, solution and the result of the scan in every event. Costs license volume.",
    ),
    flag_field(
        "ticket_host_data",
        "Add host data",
        "Operating system, asset groups and the user who logged on last (QID 105311), in every event. Needs further "
        "calls, of 50 addresses each, whose answers are large. Costs license volume.",
    ),
    number_field(
        "ticket_timeout",
        "Timeout (seconds)",
        "How long to wait for a part of an answer: this API is slower than others.",
        "900",
        1,
        86_400,
    ),
)
