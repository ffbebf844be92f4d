"""What the core's tests share: answers of the platform, what becomes of them, and Splunk's own regexes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from configparser import RawConfigParser
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import pcre2

from qualys_ta.feed import Conversion
from qualys_ta.model import Converted, Event, Knowledge, knows_nothing
from qualys_ta.populator.host_detection import FEED
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from qualys_ta.xmlpage import Inspector

PACKAGE = Path(__file__).resolve().parents[2] / "package"
STANZA = "qualys:hostDetection"
SINCE = "2024-01-01T00:00:00Z"
PLATFORM_TIME = "2024-06-01T12:00:00Z"


def tag(name: str, /, *content: str, **attributes: str) -> str:
    """An element; `content` is markup, see `text` and `cdata`."""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{told}>{''.join(content)}</{name}>"


def text(value: object) -> str:
    return escape(str(value)).replace("\r", "&#13;")


def cdata(value: str) -> str:
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def leaves(values: Mapping[str, object]) -> str:
    return "".join(tag(name, text(value)) for name, value in values.items() if value is not None)


def detection(*markup: str, **values: object) -> str:
    """A DETECTION; what is not given is that of an ordinary confirmed, active finding."""
    usual = {"UNIQUE_VULN_ID": 11, "QID": 38170, "TYPE": "Confirmed", "SEVERITY": 3, "STATUS": "Active"}
    times = {"LAST_UPDATE_DATETIME": "2024-05-02T03:04:05Z", "LAST_PROCESSED_DATETIME": "2024-05-02T03:04:05Z"}
    return tag("DETECTION", leaves({**usual, **times, **values}), *markup)


def host(host_id: object, *markup: str, detections: Iterable[str] = (), **values: object) -> str:
    return tag(
        "HOST",
        leaves({"ID": host_id, "IP": "10.0.0.1", "LAST_SCAN_DATETIME": "2024-05-02T03:00:00Z", **values}),
        *markup,
        tag("DETECTION_LIST", *detections),
    )


def answer(*hosts: str, warning: str = "") -> bytes:
    """A whole answer of the host detection API."""
    listed = tag("HOST_LIST", *hosts) if hosts else ""
    response = tag("RESPONSE", tag("DATETIME", PLATFORM_TIME), listed, warning)
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n' + tag(FEED.resource.root, response)).encode()


def inspected(body: bytes, record: tuple[str, ...] = FEED.resource.record, chunk: int = 0) -> Inspector:
    """An answer judged, whole or in pieces of `chunk` bytes."""
    inspector = Inspector(record)
    for piece in pieces(body, [chunk] * (len(body) // chunk) if chunk else []):
        inspector.feed(piece)
    inspector.close()
    return inspector


def pieces(body: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """`body` cut into pieces of these sizes, and what is left."""
    start = 0
    for size in sizes:
        yield body[start : start + size]
        start += size
    yield body[start:]


def records(body: bytes, record: tuple[str, ...] = FEED.resource.record) -> list[Element]:
    return list(RecordReader(record, inspected(body, record).noted).records(io.BytesIO(body)))


def vm_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *VM* as the run reads it, from conf values."""
    return fields.checked("vm", chosen)


def converted(body: bytes, since: str = SINCE, knowledge: Knowledge = knows_nothing, **chosen: str) -> list[Converted]:
    convert = FEED.resource.converter(Conversion(vm_settings(**chosen), since, knowledge))
    return [convert(element) for element in records(body)]


def events(body: bytes, since: str = SINCE, knowledge: Knowledge = knows_nothing, **chosen: str) -> list[Event]:
    return [event for record in converted(body, since, knowledge, **chosen) for event in record.events]


def texts(body: bytes, since: str = SINCE, **chosen: str) -> list[str]:
    return [event.text for event in events(body, since, **chosen)]


@cache
def conf(name: str) -> RawConfigParser:
    """A default conf file of the add-on."""
    parser = RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(PACKAGE / "default" / f"{name}.conf", encoding="utf-8")
    return parser


def extracted(event: str) -> list[tuple[str, str]]:
    """The pairs that Splunk's search-time extraction finds in an event, with real PCRE."""
    pattern = pcre2.compile(conf("transforms").get("qualys_pairs", "REGEX"), pcre2.ASCII)
    return [(match[1], match[2]) for match in pattern.finditer(event)]


def broken(stream: str) -> list[str]:
    """The events that Splunk's LINE_BREAKER makes of raw text: the first group goes, the rest stays."""
    pattern = pcre2.compile(conf("props").get(STANZA, "LINE_BREAKER"), pcre2.ASCII)
    found, start = [], 0
    for match in pattern.finditer(stream):
        found.append(stream[start : match.start(1)])
        start = match.end(1)
    return [*found, stream[start:]]
