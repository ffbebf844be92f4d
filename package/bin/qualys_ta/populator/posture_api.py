"""What is asked of the policy compliance API, call by call.

Source: VM/PC API guide, "Compliance Policy List" and "Compliance Posture Information" (2.0 to 5.0); the forbidden
parameters: the set-up page of the vendor's guide 1.3.4 and its release note 1.3.1, by which `policy_ids` is allowed and
becomes `ids` of the policy list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Optional

from ..errors import ConfigError
from .api_params import known_words, parsed
from .posture_filter import posture_filter, spans

SETTING = "extra_posture_params"

_FORMAT = "the add-on reads XML and asks for it itself"
_WINDOW = "the checkpoint decides from when on posture is pulled; use the input's start date, or Start again from"
_PAGING = "the add-on pages through the posture of a policy by its ids"
_DETAILS = "the switches of this tab say what is asked for"
_POLICIES = "the add-on asks for the policies one after the other; choose them by policy_ids"

FORBIDDEN = {
    "action": "only action=list is a pull",
    "output_format": _FORMAT,
    "echo_request": "it would repeat the request inside the answer",
    "details": _DETAILS,
    "show_remediation_info": _DETAILS,
    "cause_of_failure": _DETAILS,
    "include_dp_name": _DETAILS,
    "show_extended_evidence": "no event holds it",
    "status_changes_since": _WINDOW,
    "evaluation_date": _WINDOW,
    "policy_id": _POLICIES,
    "truncation_limit": "it is a setting of its own on this tab",
    "id_min": _PAGING,
    "id_max": _PAGING,
}
"""API parameter -> why a person may not set it."""

POLICY_IDS = "policy_ids"
STATUSES = ("Passed", "Failed", "Error")
"""Those that the platform documents."""

MOST_CRITICAL = 5
_CRITICALITIES = ("UNDEFINED", "MINIMAL", "MEDIUM", "SERIOUS", "CRITICAL", "URGENT")
_SWITCH, _ANY_OR_ALL = ("0", "1"), ("any", "all")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    POLICY_IDS: (),
    "ids": (),
    "host_ids": (),
    "ips": (),
    "control_ids": (),
    "status": STATUSES,
    "criticality_labels": _CRITICALITIES,
    "criticality_values": (),
    "asset_group_ids": (),
    "use_tags": _SWITCH,
    "tag_set_by": ("id", "name"),
    "tag_include_selector": _ANY_OR_ALL,
    "tag_exclude_selector": _ANY_OR_ALL,
    "tag_set_include": (),
    "tag_set_exclude": (),
    "hide_evidence": _SWITCH,
}
"""API parameter that a person may set -> the words it takes; () for numbers, addresses and what tags are called."""

Policy = tuple[int, bool]
"""Number of a policy, and whether all of its posture is wanted: it did not come whole since it was changed itself."""


class Batch(NamedTuple):
    """The policies of one call, in ascending order; `whole` as in `Policy`."""

    policies: tuple[int, ...]
    whole: bool


def parse_params(text: str) -> dict[str, str]:
    """Extra parameters of the posture call, words as the platform writes them.

    Raises ConfigError, also for what the platform would refuse or find nothing for, and for a filter that we could not
    apply ourselves.
    """
    params = parsed(text, FORBIDDEN, SETTING)
    for name, value in params.items():
        if name not in ALLOWED:
            known = ", ".join(ALLOWED)
            raise ConfigError(f"{name} is no parameter of the posture information; choose from {known}.", SETTING)
        if ALLOWED[name]:
            params[name] = known_words(value, ALLOWED[name], name, SETTING)
    for name in (POLICY_IDS, "asset_group_ids"):
        spans(params.get(name, ""), name, SETTING)
    for first, last in spans(params.get("criticality_values", ""), "criticality_values", SETTING):
        if last > MOST_CRITICAL:
            told = str(first) if first == last else f"{first}-{last}"
            raise ConfigError(f"criticality_values: {told!r} is not from 0 to {MOST_CRITICAL}.", SETTING)
    posture_filter(params, SETTING)
    return params


def counts_all(settings: Mapping[str, Any]) -> bool:
    """Whether a POLICY_SUMMARY is wanted and can be right: with a filter by status the others cannot be counted."""
    return bool(settings["log_policy_summary"] and not settings[SETTING].get("status", "").strip())


def policy_params(settings: Mapping[str, Any]) -> dict[str, str]:
    """The policy list: all of them, because the platform cannot be asked for those evaluated since a time."""
    chosen = settings[SETTING].get(POLICY_IDS)
    return {"action": "list", "details": "Basic", **({"ids": chosen} if chosen else {})}


def posture_params(settings: Mapping[str, Any], policy_ids: Sequence[int], since: Optional[str]) -> dict[str, str]:
    """The posture of these policies; `since`: only what changed since then. Several policies come without paging."""
    wanted = {"action": "list", "output_format": "xml", "details": "All" if settings["pc_details"] else "Basic"}
    if settings["pc_extra_details"]:
        wanted.update({"details": "All", "show_remediation_info": "1", "cause_of_failure": "1", "include_dp_name": "1"})
    if len(policy_ids) == 1:
        wanted.update({"policy_id": str(policy_ids[0]), "truncation_limit": str(settings["pc_truncation_limit"])})
    else:
        wanted[POLICY_IDS] = ",".join(map(str, policy_ids))
    if since:
        wanted["status_changes_since"] = since
    return {**{name: value for name, value in settings[SETTING].items() if name != POLICY_IDS}, **wanted}


def batches(due: Iterable[Policy], most: int) -> Iterator[Batch]:
    """At most so many policies to a call. Whole ones first, never beside others: these are asked for changes only.

    A policy that is due twice comes once, and whole if any of them says so.
    """
    policies: dict[int, bool] = {}
    for policy, whole in due:
        policies[policy] = whole or policies.get(policy, False)
    for whole in (True, False):
        numbers = sorted(policy for policy, is_whole in policies.items() if is_whole is whole)
        for start in range(0, len(numbers), most):
            yield Batch(tuple(numbers[start : start + most]), whole)
