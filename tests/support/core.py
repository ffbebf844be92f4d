"""What the core's tests share: answers of the platform, a platform that pages, sinks, and Splunk's own regexes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from configparser import RawConfigParser
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import pcre2
from qualys_ta.model import Converted, Event, Request, Window
from qualys_ta.populator.host_detection import FEED
from qualys_ta.populator.keyvalue import epoch
from qualys_ta.pull import Pull
from qualys_ta.splunk import fields
from qualys_ta.xmlpage import Inspector, RecordReader

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
    return "".join(tag(name, text(value)) for name, value in values.items())


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
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n' + tag(FEED.root, response)).encode()


def inspected(body: bytes, record: tuple[str, ...] = FEED.record, chunk: int = 0) -> Inspector:
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


def records(body: bytes, record: tuple[str, ...] = FEED.record) -> list[Element]:
    return list(RecordReader(record).records(io.BytesIO(body)))


def vm_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *VM* as the run reads it, from conf values."""
    return fields.checked("vm", chosen)


def converted(body: bytes, since: str = SINCE, **chosen: str) -> list[Converted]:
    convert = FEED.converter(vm_settings(**chosen), since)
    return [convert(element) for element in records(body)]


def events(body: bytes, since: str = SINCE, **chosen: str) -> list[Event]:
    return [event for record in converted(body, since, **chosen) for event in record.events]


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


class ListLog:
    """Keeps what would be logged."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def debug(self, message: str) -> None:
        self.lines.append(f"DEBUG {message}")

    def info(self, message: str) -> None:
        self.lines.append(f"INFO {message}")

    def warning(self, message: str) -> None:
        self.lines.append(f"WARNING {message}")


class ListSink:
    """Events reach the receiver at once: the worst a kill can find."""

    def __init__(self, step: Callable[[str], None] = lambda _: None) -> None:
        self.received: list[Event] = []
        self._step = step

    def write(self, event: Event) -> None:
        self._step("write")
        self.received.append(event)

    def flush(self) -> None:
        self._step("flush")


class NothingSeen:
    """A `seen` that knows no repeats."""

    def open(self, window: Window) -> None:
        """Nothing to compare with."""

    def unseen(self, _record: int, events: list[Event], _moment: str) -> list[Event]:
        return events

    def commit(self) -> None:
        """Nothing to keep."""

    def close_window(self) -> None:
        """Nothing to forget."""


class MemoryPage:
    """A page that never was on disk. As on disk, `next` is known once all records were read."""

    def __init__(self, body: bytes, following: Optional[Request], platform_time: str) -> None:
        self.size = len(body)
        self.platform_time = platform_time
        self.next: Optional[Request] = None
        self._body = body
        self._following = following

    def records(self) -> Iterator[Element]:
        yield from RecordReader(FEED.record).records(io.BytesIO(self._body))
        self.next = self._following

    def discard(self) -> None:
        """Nothing on disk."""


@dataclass
class Platform:
    """Hosts (id -> markup) served in ascending order, `limit` to a page."""

    hosts: Mapping[int, str]
    limit: int = 1000
    platform_time: str = PLATFORM_TIME
    step: Callable[[str], None] = lambda _: None
    asked: list[Request] = field(default_factory=list)

    def fetch(self, request: Request) -> MemoryPage:
        self.step("fetch")
        self.asked.append(request)
        left = [number for number in sorted(self.hosts) if number >= int(request.params.get("id_min", "0"))]
        shown, rest = left[: self.limit], left[self.limit :]
        following = Request(request.path, {**request.params, "id_min": str(rest[0])}) if rest else None
        return MemoryPage(answer(*(self.hosts[number] for number in shown)), following, self.platform_time)


def first_request() -> Request:
    return Request(FEED.path.format(version="5.0"), {"action": "list"})


def pull(platform: Platform, sink: ListSink, **parts: Any) -> Pull:
    """A pull of `platform` into `sink`; `parts` replace what is not of interest."""
    usual: dict[str, Any] = {
        "convert": FEED.converter(vm_settings(), SINCE),
        "owns": lambda _host_id: True,
        "seen": NothingSeen(),
        "save": lambda _window: None,
        "close": lambda _window: None,
        "log": ListLog(),
    }
    return Pull(first=first_request(), fetch=platform.fetch, sink=sink, **{**usual, **parts})


def fleet(count: int, findings: int = 2) -> dict[int, str]:
    """Hosts 1 … `count` with as many findings each."""
    return {
        number: host(
            number, detections=[detection(UNIQUE_VULN_ID=100 * number + nth, QID=nth) for nth in range(findings)]
        )
        for number in range(1, count + 1)
    }


def epoch_s(moment: str) -> float:
    return float(epoch(moment))
