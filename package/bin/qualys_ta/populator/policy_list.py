"""The list of compliance policies: which of them are due, and POLICY_INFO events. Source: Policy API 3.0 to 5.0."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import Conversion, Resource
from ..model import Converted, Converter, Event, Events, tallied
from ..times import epoch
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


def is_due(policy: Element, conversion: Conversion) -> bool:
    """Whether something happened to a POLICY since the window's start ("" is the beginning), or since the input's start
    date, where it never came whole as it is now: it was filtered out, or is filtered otherwise now.

    A policy that was never evaluated has no such time, and one that says nothing of time at all may always have been
    evaluated. Raises BadRecord for one without a number.
    """
    settings = conversion.settings
    number = id_of(policy)
    if not is_number(number):
        raise BadRecord(f"a POLICY whose ID is {number[:40]!r}, not a number")
    chosen = settings[SETTING].get(POLICY_IDS, "")
    if chosen and not numbers(chosen, POLICY_IDS, SETTING)(number):
        return False
    times = _modified(policy), _time(policy, "LAST_EVALUATED")
    came = not conversion.start or conversion.whole.get(int(number)) == made_of(policy, settings)
    return max(times) >= (conversion.since if came else min(conversion.since, conversion.start)) or not any(times)


def made_of(policy: Element, settings: Mapping[str, Any]) -> str:
    """What all posture of a POLICY depends on: when it was changed, the filters, and whether it is counted."""
    filters = {name: value for name, value in settings[SETTING].items() if name != POLICY_IDS}
    return json.dumps([_modified(policy), filters, counts_all(settings)], sort_keys=True)


def due_policies(policies: Iterable[Element], conversion: Conversion) -> Iterator[tuple[Policy, str]]:
    """Those that are due, and what each is made of now: all posture of one that did not come whole as it is.

    One without a number is left to the converter to tell.
    """
    for policy in policies:
        try:
            due = is_due(policy, conversion)
        except BadRecord:
            continue
        if due:
            number, now = int(id_of(policy)), made_of(policy, conversion.settings)
            yield (number, conversion.whole.get(number) != now), now


def converter(conversion: Conversion) -> Converter:
    has_summary = counts_all(conversion.settings)

    def convert(policy: Element) -> Converted:
        due, number = is_due(policy, conversion), int(id_of(policy))
        if not due:
            return Converted(number, "", Events())
        modified, evaluated = _time(policy, "LAST_MODIFIED"), _time(policy, "LAST_EVALUATED")
        text = f'POLICY_INFO: POLICY_ID="{number}"{pairs(policy, _KEYS)}'
        told = Events.of([Event(epoch(evaluated) or epoch(modified), text)])
        return Converted(number, max(modified, evaluated), told, tallied(number, "") if has_summary else "")

    return convert


def _modified(policy: Element) -> str:
    return _time(policy, "LAST_MODIFIED") or _time(policy, "CREATED")


def _time(policy: Element, name: str) -> str:
    return (policy.findtext(f"{name}/DATETIME") or "").strip()


NEEDS = "For policies and postures the subscription needs the module PC, and the user API access."
RESOURCE = Resource(
    name="policy_list",
    path="/api/{version}/fo/compliance/policy/",
    version_setting="policy_list_api_version",
    root="POLICY_LIST_OUTPUT",
    record=("RESPONSE", "POLICY_LIST", "POLICY"),
    sourcetype="qualys:pc:policyInfo",
    needs=NEEDS,
    converter=converter,
)
