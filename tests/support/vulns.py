"""What tests of the knowledge base share: VULNs as the platform sends them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable
from xml.etree.ElementTree import Element

from qualys_ta.feed import Conversion
from qualys_ta.model import Entry
from qualys_ta.populator.knowledge_base import FEED
from qualys_ta.populator.knowledge_tables import KEPT, fetched, tables
from qualys_ta.splunk import fields
from support.core import PLATFORM_TIME, leaves, records, tag, text
from support.knowledge import entry

RECORD = FEED.resource.record


def vuln(*markup: str, **values: object) -> str:
    """A VULN; what is not given is that of an ordinary vulnerability, None leaves an element out."""
    usual = {
        "QID": 38170,
        "VULN_TYPE": "Vulnerability",
        "SEVERITY_LEVEL": 2,
        "TITLE": "SSL Certificate - Subject Common Name Does Not Match Server FQDN",
        "CATEGORY": "General remote services",
        "LAST_SERVICE_MODIFICATION_DATETIME": "2024-03-02T01:00:00Z",
        "PUBLISHED_DATETIME": "2004-02-03T08:00:00Z",
    }
    return tag("VULN", leaves({**usual, **values}), *markup)


def listed(name: str, *idents: str) -> str:
    """``CVE_LIST(CVE(ID))`` and the like."""
    return tag(f"{name}_LIST", *(tag(name, tag("ID", text(ident))) for ident in idents))


def kb_answer(*vulns: str) -> bytes:
    """A whole answer of the knowledge base API."""
    response = tag("RESPONSE", tag("DATETIME", PLATFORM_TIME), tag("VULN_LIST", *vulns) if vulns else "")
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n' + tag(FEED.resource.root, response)).encode()


def kb_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *Knowledge Base* as the run reads it, from conf values."""
    return fields.checked("kb", chosen)


def converter(**chosen: str) -> Callable[[Element], Entry]:
    """What makes entries of VULNs, with these settings of the tab."""
    return FEED.resource.converter(Conversion(kb_settings(**chosen)))


def entries(body: bytes, **chosen: str) -> list[Entry]:
    return list(map(converter(**chosen), records(body, RECORD)))


def by_column(*markup: str, texts: bool = False, **values: object) -> dict[str, str]:
    """What the store keeps of one VULN, by column."""
    (found,) = entries(kb_answer(vuln(*markup, **values)), log_kb_additional_fields=str(int(texts)))
    return dict(zip(KEPT, found))


def row(qid: str, **columns: str) -> Entry:
    """An entry of the store; see `knowledge.entry`."""
    return tuple(entry(qid, **columns).values())


def table_rows(name: str, kept: Iterable[Entry], with_texts: bool = False) -> list[dict[str, str]]:
    """The rows of one lookup by column, made of what the store holds."""
    table = tables(with_texts)[name]
    chosen = [tuple(dict(zip(KEPT, each))[column] for column in fetched(with_texts)) for each in kept]
    return [dict(zip(table.header, found)) for found in table.rows(chosen)]
