"""The glossary of one answer, or of one policy in it: what its posture is of, and of nothing else.

Of each host that was met only the number is kept, so an answer may name any number of them.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional

from ..clock import stamp
from ..dirt import Dirt
from ..model import Host
from ..nodes import Node, Row, chosen, nodes
from ..population import Population
from .catalog import CODES, rationale, technologies
from .elements import ALL, criticality
from .evidence import TM_LABEL, labels, tunable, values
from .model import ERROR, FAILED, PASSED, Control, Policy, Posture, Technology
from .soil import lacks, soil_control

HOST: tuple[Row[Host], ...] = (
    Row("ID", lambda host: host.id),
    Row("IP", lambda host: host.ip),
    Row("TRACKING_METHOD", lambda host: host.tracking_method),
    Row("DNS", lambda host: host.dns or None, cdata=True),
    Row("NETBIOS", lambda host: host.netbios, cdata=True),
    Row("OS", lambda host: host.os, cdata=True),
    Row("OS_CPE", lambda host: host.os_cpe or None, cdata=True, asks=ALL),
    Row("QG_HOSTID", lambda host: host.qg_hostid, cdata=True, asks=ALL),
    Row("LAST_VULN_SCAN_DATETIME", lambda host: stamp(host.scanned_at), asks=ALL),
    Row(
        "LAST_COMPLIANCE_SCAN_DATETIME",
        lambda host: None if host.compliance_scanned_at is None else stamp(host.compliance_scanned_at),
        asks=ALL,
    ),
)
CONTROL: tuple[Row[Control], ...] = (
    Row("ID", lambda control: control.id),
    Row("STATEMENT", lambda control: control.statement, cdata=True),
    Row("REFERENCE", lambda control: control.reference, cdata=True),
    Row("CRITICALITY", criticality),
    Row("DEPRECATED", lambda control: 1 if control.is_deprecated else None),
    Row("RATIONALE_LIST", lambda control: _rationales(control), asks=ALL),
)


class Gathered:
    """What the posture of an answer named, and how much of it there was."""

    def __init__(self) -> None:
        self.hosts = array("q")
        self.controls: dict[int, Control] = {}
        self.technologies: dict[int, Technology] = {}
        self.users: set[str] = set()
        self.statuses: Counter[str] = Counter()

    def note(self, posture: Posture) -> None:
        """The answer holds this posture; they come host by host."""
        if not self.hosts or self.hosts[-1] != posture.host.id:
            self.hosts.append(posture.host.id)
        self.controls[posture.control.id] = posture.control
        self.technologies[posture.technology.id] = posture.technology
        self.statuses[posture.status] += 1
        if posture.is_excepted:
            self.users.add(posture.policy.modified_by)
            self.statuses["excepted"] += 1

    def summary(self) -> Node:
        """``SUMMARY``: of this answer, not of the policy."""
        counted = self.statuses
        totals = (
            ("TOTAL", sum(counted.values()) - counted["excepted"]),
            ("TOTAL_PASSED", counted[PASSED]),
            ("TOTAL_FAILED", counted[FAILED]),
            ("TOTAL_ERROR", counted[ERROR]),
            ("TOTAL_EXCEPTIONS", counted["excepted"]),
        )
        instances = Node("CONTROL_INSTANCES", children=tuple(Node(name, str(count)) for name, count in totals))
        assets, controls = str(len(self.hosts)), str(len(self.controls))
        return Node("SUMMARY", children=(Node("TOTAL_ASSETS", assets), Node("TOTAL_CONTROLS", controls), instances))


class GlossaryRows:
    """What a call wants of hosts and controls, as elements; the ledger reads the same."""

    def __init__(self, values_asked: dict[str, Any], dirt: Dirt) -> None:
        self._dirt = dirt
        self._host_rows = chosen(HOST, "2.0", values_asked)
        self._control_rows = chosen(CONTROL, "2.0", values_asked)
        self.whole = bool(values_asked.get(ALL))
        self.named = bool(values_asked.get("include_dp_name"))

    def host(self, host: Host) -> Optional[Node]:
        """None where the glossary lacks it."""
        if lacks(host.id, self._dirt):
            return None
        return Node("HOST", children=nodes(self._host_rows, self._dirt.soil_host(host)))

    def control(self, control: Control) -> Optional[Node]:
        """None where the glossary lacks it."""
        if lacks(control.id, self._dirt):
            return None
        return Node("CONTROL", children=nodes(self._control_rows, soil_control(control, self._dirt)))

    def technology(self, technology: Technology) -> Optional[Node]:
        """None where the glossary lacks it: always without details=All."""
        if not self.whole or lacks(technology.id, self._dirt):
            return None
        return Node("TECHNOLOGY", children=(Node("ID", str(technology.id)), Node("NAME", technology.name, True)))

    def lists(self, gathered: Gathered, policy: Policy, population: Population) -> Iterator[tuple[str, Iterator[Node]]]:
        """The glossary's lists in the order of the DTD, each with its members; an empty one is left out."""
        controls = [gathered.controls[ident] for ident in sorted(gathered.controls)]
        named = [gathered.technologies[ident] for ident in sorted(gathered.technologies)]
        if self.whole:
            yield "USER_LIST", map(_user, sorted(gathered.users))
        yield "HOST_LIST", filter(None, map(self.host, map(population.host, gathered.hosts)))
        yield "CONTROL_LIST", filter(None, map(self.control, controls))
        yield "TECHNOLOGY_LIST", filter(None, map(self.technology, named))
        if self.whole:
            yield (
                "DPD_LIST",
                (self._point(control, place) for control in controls for place in range(len(control.points))),
            )
            yield "TP_LIST", (_labeled("TP", labels(each)["tp"], tunable(policy, each)) for each in controls)
            yield "FV_LIST", (_labeled("FV", labels(each)["fv"], each.check.wanted) for each in controls)
            yield "TM_LIST", iter((_codes(CODES),))

    def _point(self, control: Control, place: int) -> Node:
        point = control.points[place]
        named = (Node("ID", str(point.number)), Node("NAME", point.name, True)) if self.named else ()
        return Node("DPD", children=(Node("LABEL", f":dp_{point.number}"), *named, Node("DESC", point.desc, True)))


def _rationales(control: Control) -> Node:
    """The text is another for each technology, so that only the right one will do."""
    listed = (
        Node(
            "RATIONALE",
            children=(
                Node("TECHNOLOGY_ID", str(technology.id)),
                Node("TEXT", rationale(control, technology), True),
            ),
        )
        for technology in technologies(control)
    )
    return Node("RATIONALE_LIST", children=tuple(listed))


def _user(login: str) -> Node:
    parts = (("USER_LOGIN", login), ("FIRSTNAME", "Ümit"), ("LASTNAME", "O'Neil & Co"))
    return Node("USER", children=tuple(Node(name, text, True) for name, text in parts))


def _labeled(name: str, label: str, each: Iterable[str]) -> Node:
    return Node(name, children=(Node("LABEL", label), *values(name, each).children))


def _codes(codes: Mapping[str, str]) -> Node:
    pairs = (Node("PAIR", children=(Node("K", code), Node("V", text, True))) for code, text in codes.items())
    return Node("TM", children=(Node("LABEL", TM_LABEL), *pairs))
