"""What tests of a pull share: a platform that pages or says things, sinks, and a client without a network."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element, fromstring

from qualys_ta.api.client import ApiClient
from qualys_ta.api.pages import PageFolder
from qualys_ta.api.patience import Patience
from qualys_ta.errors import TryLater
from qualys_ta.feed import Conversion
from qualys_ta.frames import Batch, Frame
from qualys_ta.model import Converter, Event, Events, Page, Request, Window, knows_nothing
from qualys_ta.output import EventOutput
from qualys_ta.populator.host_detection import FEED
from qualys_ta.pull import Pull
from qualys_ta.splunk.forms import form_of, stream_form
from qualys_ta.spool import Bad, SpoolWriter, batches
from qualys_ta.work import conversion
from qualys_ta.work.conversion import Recipe
from support.core import PLATFORM_TIME, SINCE, answer, detection, host, records, tag, vm_settings

FORM = stream_form("qualys://host_detection", FEED.sourcetype, "main", "here")
"""What events look like on their way to a `ListSink`."""


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

    def pass_on(self, rendered: bytes, _events: int) -> None:
        for event in unrendered(rendered):
            self.write(event)

    def flush(self) -> None:
        self._step("flush")


def rendered(events: Iterable[Event]) -> bytes:
    """Events as they stand in the stream."""
    return "".join(form_of(FORM).rendered(Events.of(list(events)))).encode()


def unrendered(stream: bytes) -> list[Event]:
    """The events of a part of the stream, as splunkd reads them."""
    found = fromstring(b"<stream>" + stream + b"</stream>")
    return [Event(event.findtext("time") or "", event.findtext("data") or "") for event in found]


def frames(page: Page) -> list[Frame]:
    """The events of each record of a page."""
    return [frame for batch in page.batches() for frame in batch.frames()]


class NothingSeen:
    """A `seen` that knows no repeats."""

    def open(self, window: Window) -> None:
        """Nothing to compare with."""

    def all_new(self, _batch: Batch) -> bool:
        """All are fresh."""
        return True

    def unseen(self, _frame: Frame) -> None:
        """All are fresh."""

    def commit(self) -> None:
        """Nothing to keep."""

    def close_window(self) -> None:
        """Nothing to forget."""


class NothingKnown:
    """Remembers no hosts."""

    def add(self, records: Sequence[int]) -> None:
        """Nothing to remember."""

    def commit(self) -> None:
        """Nothing to keep."""


class MemoryPage:
    """A page that never was on disk. As on disk, its events are there once it was fetched."""

    def __init__(
        self,
        body: bytes,
        following: Optional[Request],
        platform_time: str,
        convert: Optional[Converter] = None,
        request: Optional[Request] = None,
    ) -> None:
        self.request = request or first_request()
        self.size = len(body)
        self.platform_time = platform_time
        self.next = following
        self._body = body
        self._spool = io.BytesIO()
        self._bad = Bad()
        if convert:
            SpoolWriter(convert, form_of(FORM), self._spool.write, self._bad).take(records(body))

    @property
    def bad(self) -> int:
        return self._bad.count

    @property
    def first_bad(self) -> str:
        return self._bad.first

    def records(self) -> Iterator[Element]:
        yield from records(self._body)

    def batches(self) -> Iterator[Batch]:
        yield from batches(io.BytesIO(self._spool.getvalue()))

    def discard(self) -> None:
        """Nothing on disk."""


@dataclass
class Platform:
    """Hosts (id -> markup) served in ascending order, `limit` to a page."""

    hosts: Mapping[int, str]
    limit: int = 1000
    platform_time: str = PLATFORM_TIME
    step: Callable[[str], None] = lambda _: None
    convert: Optional[Converter] = None
    asked: list[Request] = field(default_factory=list)

    def fetch(self, request: Request) -> MemoryPage:
        self.step("fetch")
        self.asked.append(request)
        left = [number for number in sorted(self.hosts) if number >= int(request.params.get("id_min", "0"))]
        shown, rest = left[: self.limit], left[self.limit :]
        following = Request(request.path, {**request.params, "id_min": str(rest[0])}) if rest else None
        body = answer(*(self.hosts[number] for number in shown))
        return MemoryPage(body, following, self.platform_time, self.convert or converter(), request)


def converter(since: str = SINCE, **chosen: str) -> Converter:
    convert: Converter = FEED.resource.converter(Conversion(vm_settings(**chosen), since))
    return convert


def recipe(since: str = SINCE, **chosen: str) -> Recipe:
    return Recipe(FEED.name, vm_settings(**chosen), since, FORM)


def converting(ours: ApiClient, since: str = SINCE, **chosen: str) -> ApiClient:
    """A client whose pages become events as they arrive."""
    return replace(ours, convert=conversion.Converter(recipe(since, **chosen), knows_nothing).convert)


def first_request() -> Request:
    return Request(FEED.resource.path.format(version="5.0"), {"action": "list"})


def pull(platform: Optional[Platform], sink: ListSink, **parts: Any) -> Pull:
    """A pull of `platform` into `sink`; `parts` replace what is not of interest."""
    chosen: dict[str, Any] = {
        "first": first_request(),
        "fetch": getattr(platform, "fetch", None),
        "owns": lambda _host_id: True,
        "seen": NothingSeen(),
        "known": NothingKnown(),
        "sink": sink,
        "save": lambda _window: None,
        "close": lambda _window: None,
        "log": ListLog(),
        **parts,
    }
    output = EventOutput(**{name: chosen[name] for name in ("owns", "sink", "seen", "known", "log")})
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
    def send(self, _request: Request, _body: object = None) -> Iterator[Said]:
        said = self._answers[min(self.calls, len(self._answers) - 1)]
        self.calls += 1
        yield said


def client(
    transport: Answers, folder: Path, waits: list[float], tries: int = 3, quota: int = 1 << 30, **user_params: str
) -> ApiClient:
    """A client with a few tries, whose waits are noted and not slept. What it fetches is not converted."""
    pages = PageFolder(folder / "pages", FEED.name, quota, preserve=False)
    pages.open()
    return ApiClient(
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
