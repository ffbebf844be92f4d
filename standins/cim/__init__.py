"""Whether an event is what the CIM's Vulnerabilities or Ticket Management asks for, by the model's own list of fields.

The lists are those of pytest-splunk-addon, see `NOTICE.txt`; tests/parity/test_cim_tools.py compares them with the
originals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from standins.splunk.search import Knowledge
from standins.splunk.search.errors import Place
from standins.splunk.search.expression import parse_expression
from standins.splunk.search.functions import Scope
from standins.splunk.search.values import Fields, values_of

MODEL = Path(__file__).with_name("Vulnerabilities.json")
(DATASET,) = json.loads(MODEL.read_text("utf-8"))["objects"]
(TAGS,) = DATASET["tags"]
FIELDS: list[dict[str, Any]] = DATASET["fields"]
REQUIRED = frozenset(field["name"] for field in FIELDS if field["type"] == "required")

TICKET_MODEL = Path(__file__).with_name("Ticket_Management.json")
(TICKETING,) = json.loads(TICKET_MODEL.read_text("utf-8"))["objects"]
"""All tickets, in whatever state."""

INVALID = frozenset(("", "-", "unknown", "null", "(null)"))
"""Values that the CIM's tests count as none (pytest_splunk_addon.cim_tests.data_set)."""

LIST_SEPARATOR = ", "
_SCORE = re.compile(r"\d+(\.\d+)?", re.ASCII)

Entry = Optional[Mapping[str, str]]
"""What the knowledge base holds of a QID, by column; None where it does not know it."""


def may_lack(known: Entry) -> frozenset[str]:
    """The required fields that nobody can fill: the knowledge base names no CVE, or no score, for the QID."""
    told = known or {}
    lacking = {
        "cve": not told.get("CVE"),
        "cvss": not any(_SCORE.fullmatch(told.get(name, "")) for name in ("CVSS_V3_BASE", "CVSS_BASE")),
    }
    return frozenset(name for name, lacks in lacking.items() if lacks)


def event_faults(event: Fields, known: Entry) -> Iterator[str]:
    """What keeps an event out of the model, or is wrong in it; `event` has its fields, its eventtypes and its tags."""
    missing = [tag for tag in TAGS if tag not in values_of(event, "tag")]
    if missing:
        yield f"lacks the tag {missing[0]}"
    for field in FIELDS:
        values = values_of(event, field["name"])
        if not values and field["name"] in REQUIRED - may_lack(known):
            yield f"{field['name']} is missing"
        elif values:
            yield from value_faults(field, values)
    if known and known.get("CVE") and sorted(values_of(event, "cve")) != sorted(known["CVE"].split(LIST_SEPARATOR)):
        yield f"cve is {values_of(event, 'cve')}, the knowledge base says {known['CVE']}"


def ticket_faults(event: Fields) -> Iterator[str]:
    """The same of a ticket and the model Ticket Management."""
    (tags,) = TICKETING["tags"]
    yield from (f"lacks the tag {tag}" for tag in tags if tag not in values_of(event, "tag"))
    for field in TICKETING["fields"]:
        values = values_of(event, field["name"])
        if values and field["name"] != "comments":
            yield from value_faults(field, values)
        elif not values and field["type"] == "required":
            yield f"{field['name']} is missing"


def value_faults(field: Mapping[str, Any], values: list[str], tag: str = "") -> Iterator[str]:
    """What is wrong with the values of a field, by what the model says of it; some say it of events with a `tag`."""
    name = field["name"]
    yield from (f"{name} is {value!r}" for value in values if value.lower() in INVALID)
    if len(values) > 1 and not field.get("multi_value"):
        yield f"{name} has several values: {values}"
        return
    wanted = field.get("expected_values", [])
    yield from (f"{name} is {value!r}, not one of {wanted}" for value in values if wanted and value not in wanted)
    validity = parse_expression(field.get("validity", name), Place("cim", name))
    if validity.value(Scope({"tag": tag, name: values if field.get("multi_value") else values[0]})) is None:
        yield f"{name} is {values[0]!r}, which is not valid: {validity.source}"


def faults(knowledge: Knowledge, rows: Iterable[Mapping[str, Any]], known: Callable[[str], Entry]) -> Iterator[str]:
    """The faults of all events that carry any of the model's tags, each with its host or web application, and QID.

    `known` tells what the knowledge base holds of a QID.
    """
    for row in rows:
        event = knowledge.event(row)
        if not set(TAGS) & set(values_of(event, "tag")):
            continue
        qid = str(event.get("signature_id", ""))
        where = f"{event.get('HOST_ID') or event.get('webapp_id')} QID {qid}"
        yield from (f"{where}: {fault}" for fault in event_faults(event, known(qid)))


def is_open(event: Fields) -> bool:
    """What must be in the model and nothing else, said without the package's eventtypes."""
    if "report_generated" in event:
        return _is_open_in_report(event)
    kind = values_of(event, "qualys_event")
    return (kind == ["HOSTVULN"] and _is_open_on_a_host(event)) or (kind == ["WAS_FINDING"] and _is_open_in_web(event))


def _is_open_in_report(event: Fields) -> bool:
    is_weakness = str(event.get("type")) in ("Vuln", "Practice")
    return is_weakness and str(event.get("status")) in ("New", "Active", "Re-Opened")


def _is_open_on_a_host(event: Fields) -> bool:
    return (
        str(event.get("TYPE")) in ("CONFIRMED", "POTENTIAL")
        and str(event.get("STATUS")) in ("NEW", "ACTIVE", "RE-OPENED")
        and "1" not in (event.get("IS_IGNORED"), event.get("IS_DISABLED"))
    )


def _is_open_in_web(event: Fields) -> bool:
    return (
        str(event.get("type")) in ("VULNERABILITY", "SENSITIVE_CONTENT")
        and str(event.get("status")) in ("NEW", "ACTIVE", "REOPENED")
        and event.get("isIgnored") != "true"
    )
