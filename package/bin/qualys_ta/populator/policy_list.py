"""The list of compliance policies: which of them are due, and POLICY_INFO events. Source: Policy API 3.0 to 5.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import OVERLAP, Conversion, Resource
from ..model import Converted, Converter, Event, Events, tallied, tallied_anew
from ..times import TIME_FORMAT, epoch
from .posture_api import POLICY_IDS, SETTING, Policy, counts_all
from .posture_filter import numbers
from .posture_text import id_of, is_number, pairs

_KEYS = {
    "POLICY_TITLE": "TITLE",
    "LAST_EVALUATED_DATETIME": "LAST_EVALUATED/DATETIME",
    "LAST_MODIFIED_DATETIME": "LAST_MODIFIED/DATETIME",
    "LAST_MODIFIED_BY": "LAST_MODIFIED/BY",
    "CREATED_DATETIME": "CREATED/DATETIME",
    "CREATED_BY": "CREATED/BY",
    "STATUS": "STATUS",
    "IS_LOCKED": "IS_LOCKED",
}
"""Key of the event -> path below POLICY."""


def due_policy(policy: Element, settings: Mapping[str, Any], since: str) -> Optional[Policy]:
    """The number of a POLICY whose posture is to be asked for, and whether all of it; None: nothing happened to it.

    `since`: "" is from the beginning on. A policy that was never evaluated has no such time, and one that says nothing
    of time at all may always have been evaluated. What was changed before the list of the pull before was read came
    whole then. Raises BadRecord for one without a number.
    """
    number = id_of(policy)
    if not is_number(number):
        raise BadRecord(f"a POLICY whose ID is {number[:40]!r}, not a number")
    chosen = settings[SETTING].get(POLICY_IDS, "")
    if chosen and not numbers(chosen, POLICY_IDS, SETTING)(number):
        return None
    modified = _time(policy, "LAST_MODIFIED") or _time(policy, "CREATED")
    evaluated = _time(policy, "LAST_EVALUATED")
    if modified >= _listed_at(since):
        return int(number), True
    is_due = max(modified, evaluated) >= since or not (modified or evaluated)
    return (int(number), False) if is_due else None


@lru_cache(maxsize=8)
def _listed_at(since: str) -> str:
    """The platform's time when the list of the pull before was read."""
    return (datetime.strptime(since, TIME_FORMAT) + OVERLAP).strftime(TIME_FORMAT) if since else ""


def due_policies(policies: Iterable[Element], settings: Mapping[str, Any], since: str) -> Iterator[Policy]:
    """Those of the policies that are due; one without a number is left to the converter to tell."""
    for policy in policies:
        try:
            due = due_policy(policy, settings, since)
        except BadRecord:
            continue
        if due:
            yield due


def converter(conversion: Conversion) -> Converter:
    has_summary = counts_all(conversion.settings)

    def convert(policy: Element) -> Converted:
        due = due_policy(policy, conversion.settings, conversion.since)
        if not due:
            return Converted(int(id_of(policy)), "", Events())
        number, whole = due
        modified, evaluated = _time(policy, "LAST_MODIFIED"), _time(policy, "LAST_EVALUATED")
        text = f'POLICY_INFO: POLICY_ID="{number}"{pairs(policy, _KEYS)}'
        tally = tallied_anew(number) if whole else tallied(number, "")
        told = Events.of([Event(epoch(evaluated) or epoch(modified), text)])
        return Converted(number, max(modified, evaluated), told, tally if has_summary else "")

    return convert


def _time(policy: Element, name: str) -> str:
    return (policy.findtext(f"{name}/DATETIME") or "").strip()


RESOURCE = Resource(
    name="policy_list",
    path="/api/{version}/fo/compliance/policy/",
    version_setting="policy_list_api_version",
    root="POLICY_LIST_OUTPUT",
    record=("RESPONSE", "POLICY_LIST", "POLICY"),
    sourcetype="qualys:pc:policyInfo",
    converter=converter,
)
