"""Host List, ``/api/<2.0…5.0>/fo/asset/host/``: what a call asks for, as elements or as bare ids."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from .dirt import Dirt
from .elements import HOST_LIST_HOST
from .filters import HOST_FILTERS, OUTPUT_PARAMETERS, TAG_PARAMETERS, Choice, keeps_tags, parsers
from .model import Host
from .named import GROUP_PARAMETERS, Named
from .nodes import Node, chosen, nodes
from .paging import Record
from .parameters import Parser, one_of, parse, without_effect
from .population import Population

ROOT = "HOST_LIST_OUTPUT"
DTD = "host_list_output.dtd"
DETAILS = ("Basic", "Basic/AGs", "All", "All/AGs", "None")

_UNKNOWN_HERE = ("network_name", "os_hostname")

PARAMETERS: Mapping[str, Parser] = {
    **{name: parser for name, parser in OUTPUT_PARAMETERS.items() if name not in _UNKNOWN_HERE},
    **TAG_PARAMETERS,
    **parsers(HOST_FILTERS),
    **GROUP_PARAMETERS,
    "details": one_of(*DETAILS),
    **without_effect(
        (
            "compliance_scan_since",
            "no_compliance_scan_since",
            "scap_scan_since",
            "no_scap_scan_since",
            "show_ars",
            "ars_min",
            "ars_max",
            "show_ars_factors",
            "show_trurisk",
            "trurisk_min",
            "trurisk_max",
            "show_trurisk_factors",
        )
    ),
}


class HostListQuery:
    """What one call wants; Refusal for parameters that the platform does not take.

    `without`: the elements that the subscription does not get.
    """

    def __init__(
        self, params: Mapping[str, str], version: str, now_s: int, named: Named, without: Container[str] = ()
    ) -> None:
        self.values: dict[str, Any] = {"details": "Basic", **parse(PARAMETERS, params)}
        details = self.values["details"]
        asked = {**self.values, "details_all": details.startswith("All"), "details_groups": details.endswith("/AGs")}
        self._hosts: Choice[Host] = Choice(HOST_FILTERS, self.values, now_s)
        self._in_groups = named.hosts(self.values)
        self._rows = chosen(HOST_LIST_HOST, version, asked, without)

    @property
    def bare_ids(self) -> bool:
        """Whether the answer is an ID_SET."""
        return bool(self.values["details"] == "None")

    def select(self, population: Population) -> Iterator[Host]:
        """The hosts asked for."""
        for host in population.hosts(self.values.get("id_min", 0)):
            if self._hosts.keeps(host) and keeps_tags(host, self.values) and self._in_groups(host):
                yield host

    def records(self, population: Population, dirt: Dirt) -> Iterator[Record]:
        """The same as elements."""
        for host in self.select(population):
            yield Record(host.id, Node("HOST", children=nodes(self._rows, dirt.soil_host(host))))
