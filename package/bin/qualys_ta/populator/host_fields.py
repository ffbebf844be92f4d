"""A HOST's own fields as ``KEY="value"``, in the platform's order, restricted to those a person chose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable
from xml.etree.ElementTree import Element

from .keyvalue import comma_list, key, single_line

Pairs = Iterator[tuple[str, str]]


def _text(element: Element) -> Pairs:
    yield element.tag, comma_list(element.itertext()) if len(element) else element.text or ""


def _dns_data(element: Element) -> Pairs:
    for child in element:
        yield child.tag, child.text or ""


def _tags(element: Element) -> Pairs:
    yield "TAGS", comma_list(tag.findtext("NAME") or "" for tag in element.iterfind("TAG"))


def _cloud_tags(element: Element) -> Pairs:
    for tag in element.iterfind("CLOUD_TAG"):
        yield f"CLOUD_PROVIDER_TAGS_{key(tag.findtext('NAME') or '')}", tag.findtext("VALUE") or ""


_ATTRIBUTE_PARTS = (
    ("", "VALUE"),
    ("_last_status", "LAST_STATUS"),
    ("_last_success_date", "LAST_SUCCESS_DATE"),
    ("_last_error_date", "LAST_ERROR_DATE"),
    ("_last_error", "LAST_ERROR"),
)

_RESERVED = frozenset((
    "time", "raw", "host", "source", "sourcetype", "index", "linecount", "punct", "eventtype", "tag", "timestamp",
    "splunk_server", "dest", "dest_ip", "dest_name", "dvc", "signature", "signature_id", "category", "user", "url",
    "severity", "severity_id", "vendor_severity", "vendor_product", "cve", "cvss", "bugtraq", "mskb", "msft", "xref",
    "qualys_event", "qualys_account",
))  # fmt: skip
"""Names that mean something to Splunk, to the CIM or to our own searches."""


def _is_reserved(name: str) -> bool:
    """Whether an attribute of that name could pass for something else: a field of the API is in capitals."""
    return not name or name.isupper() or name.lower() in _RESERVED or name.startswith("_")


def _metadata(element: Element) -> Pairs:
    """Cloud attributes by the last part of their path; one without, or that could pass for a field, gets a prefix."""
    for attribute in element.iterfind("*/ATTRIBUTE"):
        name = key((attribute.findtext("NAME") or "").strip().rpartition("/")[2])
        name = f"METADATA_{name}" if _is_reserved(name) else name
        for suffix, tag in _ATTRIBUTE_PARTS:
            found = attribute.find(tag)
            if found is not None:
                yield name + suffix, found.text or ""


_NESTED: dict[str, tuple[frozenset[str], Callable[[Element], Pairs]]] = {
    "DNS_DATA": (frozenset(("HOSTNAME", "DOMAIN", "FQDN")), _dns_data),
    "TAGS": (frozenset(("TAGS",)), _tags),
    "CLOUD_PROVIDER_TAGS": (frozenset(("CLOUD_PROVIDER_TAGS",)), _cloud_tags),
    "METADATA": (frozenset(("METADATA",)), _metadata),
}
_ALWAYS = frozenset(("LAST_SCAN_DATETIME",))
_NOT_FIELDS = frozenset(("ID", "DETECTION_LIST"))


def host_fields(host: Element, chosen: frozenset[str]) -> Iterator[str]:
    """``IP="10.0.0.1"``, … without the host's ID, which stands first in every event and is not quoted."""
    wanted = chosen | _ALWAYS
    for element in host:
        nested = _NESTED.get(element.tag)
        if nested is not None:
            if wanted.isdisjoint(nested[0]):
                continue
            pairs: Pairs = iter([pair for pair in nested[1](element) if pair[0] in wanted or pair[0] not in nested[0]])
        elif element.tag in wanted and element.tag not in _NOT_FIELDS:
            pairs = _text(element)
        else:
            continue
        yield from (f'{name}="{single_line(value)}"' for name, value in pairs)
