"""Host List VM Detection, ``/api/<2.0…5.0>/fo/asset/host/vm/detection/``: what a call asks for, as elements."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from .dirt import Dirt
from .elements import DETECTION, DETECTION_HOST
from .filters import (
    FINDING_FILTERS,
    HOST_FILTERS,
    OUTPUT_PARAMETERS,
    TAG_PARAMETERS,
    Choice,
    keeps_tags,
    parsers,
)
from .findings import OPEN
from .model import Finding, Host
from .named import GROUP_PARAMETERS, LIST_PARAMETERS, Named
from .nodes import Node, chosen, nodes
from .paging import Record
from .parameters import Parser, flag, one_of, parse, without_effect
from .population import Population

ROOT = "HOST_LIST_VM_DETECTION_OUTPUT"
DTD = "host_list_vm_detection_output.dtd"

PARAMETERS: Mapping[str, Parser] = {
    **OUTPUT_PARAMETERS,
    **TAG_PARAMETERS,
    **parsers(HOST_FILTERS),
    **parsers(FINDING_FILTERS),
    **GROUP_PARAMETERS,
    **LIST_PARAMETERS,
    "show_results": flag,
    "show_qds": flag,
    "show_qds_factors": flag,
    "show_reopened_info": flag,
    "show_host_services": flag,
    "output_format": one_of("XML"),
    "active_kernels_only": one_of("0", "1", "2", "3"),
    "filter_superseded_qids": flag,
    **without_effect(
        (
            "arf_kernel_filter",
            "arf_service_filter",
            "arf_config_filter",
            "suppress_duplicated_data_from_csv",
            "detection_last_tested_since_days",
            "detection_last_tested_before_days",
        )
    ),
}

DEFAULTS: Mapping[str, Any] = {
    "status": frozenset(OPEN),
    "show_igs": False,
    "include_ignored": False,
    "include_disabled": False,
    "show_results": True,
}


class DetectionQuery:
    """What one call wants; Refusal for parameters that the platform does not take.

    `without`: the elements that the subscription does not get.
    """

    def __init__(
        self, params: Mapping[str, str], version: str, now_s: int, named: Named, without: Container[str] = ()
    ) -> None:
        self.values: dict[str, Any] = {**DEFAULTS, **parse(PARAMETERS, params)}
        self._hosts: Choice[Host] = Choice(HOST_FILTERS, self.values, now_s)
        self._findings: Choice[Finding] = Choice(FINDING_FILTERS, self.values, now_s)
        self._in_groups = named.hosts(self.values)
        self._in_lists = named.findings(self.values)
        self._host_rows = chosen(DETECTION_HOST, version, self.values, without)
        self._finding_rows = chosen(DETECTION, version, self.values, without)

    def select(self, population: Population) -> Iterator[tuple[Host, tuple[Finding, ...]]]:
        """The hosts asked for with those of their findings that are asked for; none without findings."""
        for host in population.hosts(self.values.get("id_min", 0)):
            if self._hosts.keeps(host) and keeps_tags(host, self.values) and self._in_groups(host):
                findings = tuple(filter(self._keeps, population.findings(host)))
                if findings:
                    yield host, findings

    def _keeps(self, finding: Finding) -> bool:
        return self._findings.keeps(finding) and self._in_lists(finding)

    def records(self, population: Population, dirt: Dirt) -> Iterator[Record]:
        """The same as elements."""
        for host, findings in self.select(population):
            detections = tuple(Node("DETECTION", children=self.finding_nodes(found, dirt)) for found in findings)
            children = (*self.host_nodes(host, dirt), Node("DETECTION_LIST", children=detections))
            yield Record(host.id, Node("HOST", children=children), len(findings))

    def host_nodes(self, host: Host, dirt: Dirt) -> tuple[Node, ...]:
        """The elements of HOST but for its DETECTION_LIST."""
        return nodes(self._host_rows, dirt.soil_host(host))

    def finding_nodes(self, finding: Finding, dirt: Dirt) -> tuple[Node, ...]:
        """The elements of one DETECTION."""
        return nodes(self._finding_rows, dirt.soil_finding(finding))
