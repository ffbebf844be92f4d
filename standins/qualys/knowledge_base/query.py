"""The knowledge base, ``/api/<2.0…4.0>/fo/knowledge_base/vuln/``: what a call asks for, as elements or as bare QIDs.

There is no paging, and ``truncation_limit`` is a parameter the platform does not know here (1901).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Callable

from ..dirt import Dirt
from ..filters import Choice, Filter, after, before, parsers
from ..nodes import Node, chosen, nodes
from ..paging import Record
from ..parameters import Parser, flag, moment, number, one_of, parse, ranges, some_of
from .elements import ALL, BASIC, VULN
from .holdings import KnowledgeBase
from .model import Entry
from .soil import soil_entry
from .words import AUTHENTICATION

ROOT = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
DTD = "knowledge_base_vuln_list_output.dtd"
VERSIONS = ("2.0", "3.0", "4.0")
METHODS: Mapping[str, Callable[[Entry], bool]] = {
    "Remote": lambda entry: entry.remote,
    "Authenticated": lambda entry: bool(entry.authentication),
    "RemoteOnly": lambda entry: entry.remote and not entry.authentication,
    "AuthenticatedOnly": lambda entry: bool(entry.authentication) and not entry.remote,
    "RemoteAndAuthenticated": lambda entry: entry.remote and bool(entry.authentication),
}

QID_FILTERS: Mapping[str, Filter] = {
    "ids": Filter(ranges, lambda qid, spans, _: qid in spans),
    "id_min": Filter(number, lambda qid, least, _: qid >= least),
    "id_max": Filter(number, lambda qid, most, _: qid <= most),
}


def _modified(entry: Entry) -> int:
    return entry.last_modified_at


def _by_service(entry: Entry) -> int:
    return entry.modified_at


def _by_user(entry: Entry) -> int:
    return entry.customization.at if entry.customization else 0


def _published(entry: Entry) -> int:
    return entry.published_at


ENTRY_FILTERS: Mapping[str, Filter] = {
    "is_patchable": Filter(flag, lambda entry, wanted, _: entry.patchable == wanted),
    "last_modified_after": Filter(moment, after(_modified)),
    "last_modified_before": Filter(moment, before(_modified)),
    "last_modified_by_service_after": Filter(moment, after(_by_service)),
    "last_modified_by_service_before": Filter(moment, before(_by_service)),
    "last_modified_by_user_after": Filter(moment, after(_by_user)),
    "last_modified_by_user_before": Filter(moment, before(_by_user)),
    "published_after": Filter(moment, after(_published)),
    "published_before": Filter(moment, before(_published)),
    "discovery_method": Filter(one_of(*METHODS), lambda entry, method, _: METHODS[method](entry)),
    "discovery_auth_types": Filter(
        some_of(*AUTHENTICATION), lambda entry, types, _: not types.isdisjoint(entry.authentication)
    ),
}
CODE_FILTERS: Mapping[str, Filter] = {
    "code_modified_after": Filter(moment, after(lambda entry: entry.code_modified_at)),
    "code_modified_before": Filter(moment, before(lambda entry: entry.code_modified_at)),
}
"""Those that came with 3.0, as the element they ask for did."""

PARAMETERS: Mapping[str, Parser] = {
    "action": one_of("list"),
    "echo_request": flag,
    "details": one_of("Basic", "All", "None"),
    "show_pci_reasons": flag,
    "show_supported_modules_info": flag,
    "show_disabled_flag": flag,
    "show_qid_change_log": flag,
    **parsers(QID_FILTERS),
    **parsers(ENTRY_FILTERS),
}


class KnowledgeQuery:
    """What one call wants; Refusal for parameters that the platform does not take."""

    def __init__(self, params: Mapping[str, str], version: str, now_s: int) -> None:
        newer = {} if version == VERSIONS[0] else CODE_FILTERS
        self.values: dict[str, Any] = {"details": "Basic", **parse({**PARAMETERS, **parsers(newer)}, params)}
        details = self.values["details"]
        self._qids: Choice[int] = Choice(QID_FILTERS, self.values, now_s)
        self._entries: Choice[Entry] = Choice({**ENTRY_FILTERS, **newer}, self.values, now_s)
        self._rows = chosen(VULN, version, {**self.values, ALL: details == "All", BASIC: details == "Basic"})

    @property
    def bare_ids(self) -> bool:
        """Whether the answer is an ID_SET."""
        return bool(self.values["details"] == "None")

    def select(self, knowledge: KnowledgeBase) -> Iterator[Entry]:
        """The entries asked for."""
        return filter(self._entries.keeps, knowledge.entries(filter(self._qids.keeps, knowledge.qids)))

    def records(self, knowledge: KnowledgeBase, dirt: Dirt) -> Iterator[Record]:
        """The same as elements."""
        for entry in self.select(knowledge):
            yield Record(entry.qid, Node("VULN", children=nodes(self._rows, soil_entry(entry, dirt))))
