"""Posture info, ``/api/<2.0…5.0>/fo/compliance/posture/info/``: what a call asks for.

Either one policy, page by page, or up to ten in one answer without pages.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..dirt import Dirt
from ..exchange import Refusal
from ..filters import TAG_PARAMETERS, Choice, Filter, keeps_tags, parsers
from ..model import Host
from ..nodes import Node, chosen, nodes
from ..parameters import (
    Parser,
    Ranges,
    addresses,
    flag,
    moment,
    number,
    one_of,
    parse,
    ranges,
    some_of,
    without_effect,
)
from .catalog import CRITICALITIES
from .elements import ALL, DATES, EVIDENCE, EXCEPTIONS, INFO
from .holdings import Compliance
from .model import STATUSES, Policy, Posture
from .soil import soil_posture

ROOT = "POSTURE_INFO_LIST_OUTPUT"
DTD = "posture_info_list_output.dtd"
LIMIT = 5000
MOST_POLICIES = 10
DETAILS = ("Basic", "All", "None", "Light")


def policy_ids(text: str) -> tuple[int, ...]:
    """Up to ten numbers, separated by commas."""
    idents = tuple(number(part.strip()) for part in text.split(","))
    if len(idents) > MOST_POLICIES:
        raise ValueError(f"at most {MOST_POLICIES} policies")
    return tuple(dict.fromkeys(idents))


HOST_FILTERS: Mapping[str, Filter] = {
    "ips": Filter(addresses, lambda host, spans, _: int(ipaddress.IPv4Address(host.ip)) in spans),
    "asset_group_ids": Filter(ranges, lambda host, spans, _: any(group in spans for group in host.asset_groups)),
}
POSTURE_FILTERS: Mapping[str, Filter] = {
    "ids": Filter(ranges, lambda posture, spans, _: posture.id in spans),
    "id_max": Filter(number, lambda posture, most, _: posture.id <= most),
    "control_ids": Filter(ranges, lambda posture, spans, _: posture.control.id in spans),
    "status": Filter(some_of(*STATUSES), lambda posture, wanted, _: posture.status in wanted),
    "status_changes_since": Filter(moment, lambda posture, since, _: posture.standing.changed_at >= since),
    "criticality_labels": Filter(
        some_of(*(each.label for each in CRITICALITIES)),
        lambda posture, wanted, _: posture.control.criticality.label in wanted,
    ),
    "criticality_values": Filter(ranges, lambda posture, wanted, _: posture.control.criticality.value in wanted),
}
IGNORABLE = (
    *HOST_FILTERS,
    *TAG_PARAMETERS,
    "host_ids",
    "control_ids",
    "status",
    "criticality_labels",
    "criticality_values",
)
"""Filters that a platform was seen not to heed, or might not: see the fault ``ignore_filters``."""

PARAMETERS: Mapping[str, Parser] = {
    "action": one_of("list"),
    "echo_request": flag,
    "output_format": one_of("xml", "XML"),
    "details": one_of(*DETAILS),
    "policy_id": number,
    "policy_ids": policy_ids,
    "truncation_limit": number,
    "id_min": number,
    "host_ids": ranges,
    "evaluation_date": moment,
    "show_remediation_info": flag,
    "cause_of_failure": flag,
    "include_dp_name": flag,
    "hide_evidence": flag,
    "show_extended_evidence": flag,
    **TAG_PARAMETERS,
    **parsers(HOST_FILTERS),
    **parsers(POSTURE_FILTERS),
    **without_effect(("asset_group_titles",)),
}


class PostureQuery:
    """What one call wants; Refusal for parameters that the platform does not take, or not together.

    `ignoring`: filters are read, and not heeded.
    """

    def __init__(self, params: Mapping[str, str], version: str, now_s: int, *, ignoring: bool = False) -> None:
        given = parse(PARAMETERS, params)
        _check(given)
        heeded = {name: value for name, value in given.items() if not (ignoring and name in IGNORABLE)}
        self.values: dict[str, Any] = {"details": "Basic", **heeded}
        self.values.update(_shown(self.values))
        self._hosts: Choice[Host] = Choice(HOST_FILTERS, self.values, now_s)
        self._postures: Choice[Posture] = Choice(POSTURE_FILTERS, self.values, now_s)
        self._rows = chosen(INFO, version, self.values)

    @property
    def is_of_several(self) -> bool:
        """Whether the answer has a POLICY for each policy."""
        return "policy_ids" in self.values

    @property
    def has_glossary(self) -> bool:
        return self.values["details"] in ("Basic", "All")

    @property
    def has_summary(self) -> bool:
        return bool(self.values[ALL])

    @property
    def policies(self) -> tuple[int, ...]:
        """The ids asked for."""
        asked: tuple[int, ...] = self.values.get("policy_ids") or (self.values["policy_id"],)
        return asked

    def select(self, compliance: Compliance, policy: Policy, dirt: Dirt) -> Iterator[Posture]:
        """The posture asked for under `policy`, ascending by id, as soiled as it leaves."""
        spans: Optional[Ranges] = self.values.get("host_ids")
        of_host = None if spans is None else spans.__contains__
        for posture in compliance.postures(policy, self.values.get("id_min", 0), of_host):
            if self._hosts.keeps(posture.host) and keeps_tags(posture.host, self.values):
                soiled = soil_posture(posture, dirt)
                if self._postures.keeps(soiled):
                    yield soiled

    def info(self, posture: Posture) -> Node:
        """INFO of a posture that is soiled already."""
        return Node("INFO", children=nodes(self._rows, posture))


def _check(values: Mapping[str, Any]) -> None:
    if "policy_id" not in values and "policy_ids" not in values:
        raise Refusal(1903, "Missing required parameter(s): policy_id or policy_ids")
    if "policy_id" in values and "policy_ids" in values:
        raise Refusal(1904, "Please specify only one of these parameters: policy_id, policy_ids")
    if "policy_ids" in values and "truncation_limit" in values:
        raise Refusal(1907, "The parameter truncation_limit cannot be combined with policy_ids")


def _shown(values: Mapping[str, Any]) -> dict[str, bool]:
    """What `details` and the switches bring, by the names that the rows ask for."""
    details = values["details"]
    with_evidence = details == "All" and not values.get("hide_evidence")
    extended = bool(with_evidence and values.get("show_extended_evidence"))
    return {
        ALL: details == "All",
        DATES: details != "None",
        EXCEPTIONS: details in ("Basic", "All"),
        EVIDENCE: with_evidence and not extended,
        "extended_evidence": extended,
    }
