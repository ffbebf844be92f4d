"""Entries and refusals as splunkd sends them: Atom, or JSON for output_mode=json.

Shapes: "Basic concepts about the Splunk platform REST API" (REST API User Manual), and what splunk-sdk 2.1.1
(`splunklib.client`) and splunktaucclib 8.2.0 read from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from standins.splunk.conf import is_true
from standins.splunk.eai import DEFAULT_COUNT, Entry
from standins.splunk.errors import StandinError

_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest" '
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


@dataclass(frozen=True)
class Feed:
    """A page of a collection, ready to be rendered."""

    base: str
    """`/servicesNS/<user>/<app>/<collection>`, where the entries' links start."""
    entries: Sequence[Entry]
    total: int
    offset: int
    messages: Sequence[Mapping[str, str]] = ()

    def json(self) -> str:
        """The answer to output_mode=json."""
        document = {
            "links": {"create": f"{self.base}/_new", "_reload": f"{self.base}/_reload"},
            "origin": self.base,
            "updated": _now(),
            "generator": {"build": "standin", "version": "9.4.3"},
            "entry": [self._json_entry(entry) for entry in self.entries],
            "paging": {"total": self.total, "perPage": DEFAULT_COUNT, "offset": self.offset},
            "messages": list(self.messages),
        }
        return json.dumps(document)

    def _json_entry(self, entry: Entry) -> dict[str, Any]:
        content = {key: _json_value(key, value) for key, value in entry.content.items()}
        return {
            "name": entry.name,
            "id": self._link(entry),
            "updated": _now(),
            "links": dict(self._links(entry)),
            "author": "nobody",
            "acl": entry.access(),
            "content": {**content, "eai:acl": None, **entry.metadata},
        }

    def atom(self) -> str:
        """The answer to everything else: an Atom feed."""
        entries = "".join(self._atom_entry(entry) for entry in self.entries)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<feed {_NAMESPACES}><title>{escape(self.base)}</title>'
            f"<id>{escape(self.base)}</id><updated>{_now()}</updated>"
            f"<opensearch:totalResults>{self.total}</opensearch:totalResults>"
            f"<opensearch:itemsPerPage>{DEFAULT_COUNT}</opensearch:itemsPerPage>"
            f"<opensearch:startIndex>{self.offset}</opensearch:startIndex>"
            f"<s:messages>{message_elements(self.messages, 's:msg')}</s:messages>{entries}</feed>"
        )

    def _atom_entry(self, entry: Entry) -> str:
        links = "".join(f"<link href={quoteattr(href)} rel={quoteattr(rel)}/>" for rel, href in self._links(entry))
        content = {**entry.content, "eai:acl": entry.access(), **entry.metadata}
        return (
            f"<entry><title>{escape(entry.name)}</title><id>{escape(self._link(entry))}</id>"
            f"<updated>{_now()}</updated>{links}<author><name>nobody</name></author>"
            f'<content type="text/xml">{_atom_value(content)}</content></entry>'
        )

    def _links(self, entry: Entry) -> list[tuple[str, str]]:
        link = self._link(entry)
        relations = ["list", "edit", *(["remove"] if entry.removable else [])]
        return [
            ("alternate", link),
            *((relation, link) for relation in relations),
            *((action, f"{link}/{action}" if action != "create" else f"{link}/_new") for action in entry.actions),
        ]

    def _link(self, entry: Entry) -> str:
        return f"{self.base}/{quote(entry.name, safe='')}"


def message_elements(messages: Sequence[Mapping[str, str]], tag: str = "msg") -> str:
    """`<msg type="ERROR">text</msg>` for each message."""
    return "".join(f"<{tag} type={quoteattr(m['type'])}>{escape(m['text'])}</{tag}>" for m in messages)


def refusal(error: StandinError, *, as_json: bool) -> str:
    """The body that carries an error to the client."""
    messages = [{"type": "ERROR", "text": error.message}]
    if as_json:
        return json.dumps({"messages": messages})
    return f"<response><messages>{message_elements(messages)}</messages></response>"


def _json_value(key: str, value: Any) -> Any:
    return is_true(value) if key == "disabled" else value


def _atom_value(value: Any) -> str:
    if isinstance(value, Mapping):
        keys = (f"<s:key name={quoteattr(str(key))}>{_atom_value(item)}</s:key>" for key, item in value.items())
        return f"<s:dict>{''.join(keys)}</s:dict>"
    if isinstance(value, (list, tuple)):
        return "<s:list>" + "".join(f"<s:item>{_atom_value(item)}</s:item>" for item in value) + "</s:list>"
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else escape(str(value))


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
