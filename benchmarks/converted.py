"""Conversion alone: pages of one metric, from their files to the event stream in a pipe, as a run does it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, NoReturn
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "package" / "bin"))

from benchmarks import hld_page
from benchmarks.figures import Bench, Figure, Target, most
from benchmarks.pythons import VERSIONS, call, how_to_get, interpreter
from qualys_ta.feed import JSON, XML
from qualys_ta.frames import Batch
from qualys_ta.model import Request, Window, knows_nothing
from qualys_ta.output import EventOutput, Totals
from qualys_ta.populator import load
from qualys_ta.splunk import fields
from qualys_ta.splunk.forms import form_of, stream_form
from qualys_ta.splunk.seen import SeenEvents, seen_path
from qualys_ta.splunk.sink import StreamSink
from qualys_ta.spool import Asked, Spooled, batches, spool_path
from qualys_ta.work.children import DOOR, Children
from qualys_ta.work.conversion import Converter, Recipe

HOSTS, FINDINGS = 2000, 50
TARGETS = {"3.9": most(4.2), "3.13": most(3.6)}
SIDE_BY_SIDE, PAGES, WORKERS = most(2.1), 4, 2
TRIES = 7
ROOM = 1 << 40
READER = "import os\nwhile os.read(0, 1 << 16): pass"
SINCE, UNTIL = "1999-01-01T00:00:00Z", "2030-01-01T00:00:00Z"
FORM = stream_form("qualys://host_detection", "qualys:hostDetection", "main", "host")
HOST_DETECTION: Mapping[str, Any] = {"metric": "host_detection", "tab": "vm"}
"""What is converted, see `stream`: plain data, because another interpreter is told."""

DOOR_PATH = Path(__file__).resolve().parents[1] / "package" / "bin" / DOOR


def write_page(folder: Path) -> Path:
    """The page of 102,067,186 bytes that the unit refers to."""
    page = folder / "hosts.xml"
    with page.open("w", encoding="utf-8", newline="\n") as file:
        hld_page.write_page(HOSTS, FINDINGS, file)
    return page


def figures(bench: Bench) -> Iterator[Figure]:
    bench.doing("writing the page")
    page = write_page(bench.folder)
    for version in VERSIONS:
        python = interpreter(version)
        bench.doing(f"converting with Python {version}" if python else how_to_get(version))
        if python:
            yield from _converted(page, python, version, TARGETS[version])


def units(page: Path, what: Mapping[str, Any], python: str) -> tuple[float, float]:
    """What a page costs on its way to the stream in this interpreter, and how many seconds the unit is."""
    unit_s, stream_s = call(python, "benchmarks.converted", "seconds", str(page), what)
    return stream_s / unit_s, unit_s


def _converted(page: Path, python: str, version: str, target: Target) -> Iterator[Figure]:
    cost, unit_s = units(page, HOST_DETECTION, python)
    yield Figure(f"One page, one process, Python {version}", cost, "units", target)
    yield Figure(f"The unit, Python {version}", unit_s, "s")
    if version == VERSIONS[-1]:
        wall_s = call(python, __name__, "wall_s", [str(page)] * PAGES, WORKERS)
        what = f"{PAGES} pages, {WORKERS} processes, Python {version}: per page, on the wall"
        yield Figure(what, wall_s / PAGES / unit_s, "units", SIDE_BY_SIDE, cores=WORKERS)


def seconds(page: str, what: Mapping[str, Any]) -> tuple[float, float]:
    """Of processor time: a raw pass, and the page's way to the stream in this process. The least of some tries each."""
    raw, streamed = [], []
    read_raw = _READ_RAW[load(what["metric"]).resource.form]
    for _ in range(TRIES):
        started = time.process_time()
        read_raw(Path(page))
        read = time.process_time()
        stream([Path(page)], 1, what)
        raw.append(read - started)
        streamed.append(time.process_time() - read)
    return min(raw), min(streamed)


def _parsed(page: Path) -> None:
    with page.open("rb") as file:
        expat.ParserCreate().ParseFile(file)


def _loaded(page: Path) -> None:
    json.loads(page.read_bytes())


_READ_RAW: Mapping[str, Callable[[Path], None]] = {XML: _parsed, JSON: _loaded}
"""The unit: what it costs to read a page of this form at all."""


def wall_s(pages: Sequence[str], workers: int) -> float:
    """Seconds until all pages are in the stream, in order, converted in so many processes at once."""
    started = time.perf_counter()
    stream([Path(page) for page in pages], workers, HOST_DETECTION)
    return time.perf_counter() - started


def stream(pages: Sequence[Path], workers: int, what: Mapping[str, Any]) -> None:
    """Convert the pages, and write their events to a pipe whose other end another process reads.

    `what`: the `metric`, its `tab`, the `settings` there that are not the default, and what was `asked`: the name of
    the resource and the parameters of the request.
    """
    recipe = Recipe(what["metric"], fields.checked(what["tab"], what.get("settings", {})), SINCE, FORM)
    asked = Asked(*what.get("asked", ()))
    children = Children(recipe, Converter(recipe, knows_nothing), DOOR_PATH, workers, _NoLog())
    with tempfile.TemporaryDirectory(dir=pages[0].parent) as folder, _pipe() as sink:
        seen = SeenEvents(seen_path(Path(folder), "input"), "account 1/1")
        output = EventOutput(lambda _: True, sink, seen, None, _NoLog())
        output.open(Window(SINCE, "", until=UNTIL))
        links = [Path(folder, f"{number}.xml") for number in range(len(pages))]
        for link, page in zip(links, pages):
            os.link(page, link)  # the events are written beside the page, and one may be there twice
        with ThreadPoolExecutor(workers) as pool:
            for link, spooled in zip(links, pool.map(lambda page: children.convert(page, None, ROOM, asked), links)):
                output.take(_Converted(link, spooled), Totals())
                spool_path(link).unlink()
        seen.close()


@contextlib.contextmanager
def _pipe() -> Iterator[StreamSink]:
    reader = subprocess.Popen([sys.executable, "-c", READER], stdin=subprocess.PIPE)
    assert reader.stdin
    with reader.stdin as pipe:
        sink = StreamSink(pipe.fileno(), form_of(FORM))
        yield sink
        sink.close()
    reader.wait()


_ASKED = Request("", {})


@dataclass(frozen=True)
class _Converted:
    """A page whose events are on disk."""

    path: Path
    spooled: Spooled
    request: Request = _ASKED
    platform_time: str = SINCE
    next: None = None

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def bad(self) -> int:
        return self.spooled.bad

    @property
    def first_bad(self) -> str:
        return self.spooled.first_bad

    def batches(self) -> Iterator[Batch]:
        with spool_path(self.path).open("rb") as file:
            yield from batches(file)

    def discard(self) -> None:
        """It is measured again."""


class _NoLog:
    """Whatever there is to warn of makes the figure worthless."""

    def info(self, message: str) -> None:
        """Nobody reads it."""

    def warning(self, message: str) -> NoReturn:
        raise RuntimeError(message)
