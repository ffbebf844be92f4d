"""What tests of a pull share: a platform that pages or says things, sinks, and a client without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from qualys_ta.api.fo import FoClient
from qualys_ta.api.pages import PageFolder
from qualys_ta.api.patience import Patience
from qualys_ta.errors import TryLater
from qualys_ta.model import Conversion, Event, Request, Window
from qualys_ta.output import EventOutput
from qualys_ta.populator.host_detection import FEED
from qualys_ta.pull import Pull
from support.core import PLATFORM_TIME, SINCE, answer, detection, host, records, tag, vm_settings


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


class NothingKnown:
    """Remembers no hosts."""

    def add(self, record: int) -> None:
        """Nothing to remember."""

    def commit(self) -> None:
        """Nothing to keep."""


class MemoryPage:
    """A page that never was on disk. As on disk, `next` is known once all records were read."""

    def __init__(self, body: bytes, following: Optional[Request], platform_time: str) -> None:
        self.size = len(body)
        self.platform_time = platform_time
        self.next: Optional[Request] = None
        self._body = body
        self._following = following

    def records(self) -> Iterator[Element]:
        yield from records(self._body)
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
    return Request(FEED.resource.path.format(version="5.0"), {"action": "list"})


def pull(platform: Optional[Platform], sink: ListSink, **parts: Any) -> Pull:
    """A pull of `platform` into `sink`; `parts` replace what is not of interest."""
    chosen: dict[str, Any] = {
        "first": first_request(),
        "fetch": getattr(platform, "fetch", None),
        "convert": FEED.converter(Conversion(vm_settings(), SINCE)),
        "owns": lambda _host_id: True,
        "seen": NothingSeen(),
        "known": NothingKnown(),
        "sink": sink,
        "save": lambda _window: None,
        "close": lambda _window: None,
        "log": ListLog(),
        **parts,
    }
    output = EventOutput(**{name: chosen[name] for name in ("convert", "owns", "sink", "seen", "known", "log")})
    return Pull(output=output, **{name: chosen[name] for name in ("first", "fetch", "save", "close", "log")})


def fleet(count: int, findings: int = 2) -> dict[int, str]:
    """Hosts 1 … `count` with as many findings each."""
    return {
        number: host(
            number, detections=[detection(UNIQUE_VULN_ID=100 * number + nth, QID=nth) for nth in range(findings)]
        )
        for number in range(1, count + 1)
    }


@dataclass(frozen=True)
class Said:
    """What a platform says once; a `cut` answer breaks off after its body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    def chunks(self) -> Iterator[bytes]:
        yield self.body
        if self.cut:
            raise TryLater("The connection broke.")


class Answers:
    """A transport that says one thing after the other, the last one for ever."""

    def __init__(self, *answers: Said) -> None:
        self._answers = list(answers)
        self.calls = 0

    @contextmanager
    def send(self, _request: Request) -> Iterator[Said]:
        said = self._answers[min(self.calls, len(self._answers) - 1)]
        self.calls += 1
        yield said


def client(
    transport: Answers, folder: Path, waits: list[float], tries: int = 3, quota: int = 1 << 30, **user_params: str
) -> FoClient:
    """A client with a few tries, whose waits are noted and not slept."""
    pages = PageFolder(folder / "pages", FEED.name, quota, preserve=False)
    pages.open()
    return FoClient(
        transport=transport,
        resource=FEED.resource,
        version="5.0",
        user_params=user_params,
        folder=pages,
        patience=Patience(tries, 300),
        log=ListLog(),
        sleep=waits.append,
        dice=lambda: 1.0,
    )


def simple_return(code: str, said: str) -> bytes:
    return tag(
        "SIMPLE_RETURN", tag("RESPONSE", tag("DATETIME", PLATFORM_TIME), tag("CODE", code), tag("TEXT", said))
    ).encode()
