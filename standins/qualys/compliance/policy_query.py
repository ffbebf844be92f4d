"""The policy list, ``/api/<2.0…5.0>/fo/compliance/policy/``: what a call asks for, as elements or as bare ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..dirt import Dirt
from ..filters import Choice, Filter, after, parsers
from ..nodes import Node, chosen, nodes
from ..paging import Record
from ..parameters import Parser, flag, moment, number, one_of, parse, ranges
from .elements import ALL, POLICY
from .holdings import Compliance
from .model import Policy
from .soil import soil_policy

ROOT = "POLICY_LIST_OUTPUT"
DTD = "policy_list_output.dtd"
LIMIT = 1000
"""Policies on a page; there is no parameter for it."""

FILTERS: Mapping[str, Filter] = {
    "ids": Filter(ranges, lambda policy, spans, _: policy.id in spans),
    "id_min": Filter(number, lambda policy, least, _: policy.id >= least),
    "id_max": Filter(number, lambda policy, most, _: policy.id <= most),
    "updated_after_datetime": Filter(moment, after(lambda policy: policy.modified_at)),
    "created_after_datetime": Filter(moment, after(lambda policy: policy.created_at)),
}
PARAMETERS: Mapping[str, Parser] = {
    "action": one_of("list"),
    "echo_request": flag,
    "details": one_of("Basic", "All", "None"),
    **parsers(FILTERS),
}


class PolicyQuery:
    """What one call wants; Refusal for parameters that the platform does not take."""

    def __init__(self, params: Mapping[str, str], version: str, now_s: int) -> None:
        self.values: dict[str, Any] = {"details": "Basic", **parse(PARAMETERS, params)}
        self._policies: Choice[Policy] = Choice(FILTERS, self.values, now_s)
        self._rows = chosen(POLICY, version, {ALL: self.values["details"] == "All"})

    @property
    def bare_ids(self) -> bool:
        """Whether the answer is an ID_SET."""
        return bool(self.values["details"] == "None")

    def select(self, compliance: Compliance) -> Iterator[Policy]:
        """The policies asked for."""
        return filter(self._policies.keeps, compliance.policies())

    def nodes(self, policy: Policy, dirt: Dirt) -> tuple[Node, ...]:
        """The elements of POLICY."""
        return nodes(self._rows, soil_policy(policy, dirt))

    def records(self, compliance: Compliance, dirt: Dirt) -> Iterator[Record]:
        """The same as elements."""
        for policy in self.select(compliance):
            yield Record(policy.id, Node("POLICY", children=self.nodes(policy, dirt)))
