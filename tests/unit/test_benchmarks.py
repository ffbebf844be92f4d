"""What `make bench` tells can be trusted, and the page in the docs is one that it wrote. No figure is judged here."""

from __future__ import annotations

import hashlib
import io
import sys
from functools import partial
from itertools import chain
from typing import Callable, TextIO
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import asset_page, fim_page, hld_page, page, posture_page, report_page, ticket_page, was_page
from benchmarks.end_to_end import FIRST_ID, HostPages
from benchmarks.figures import CORES, Bench, Figure, Topic, least, most
from benchmarks.other_feeds import COMPLIANCE, FILE_INTEGRITY, INVENTORY, REMEDIATION, REPORTS, WEB, Case
from benchmarks.process import measured
from benchmarks.topics import TOPICS
from qualys_ta.populator import load
from qualys_ta.splunk import fields

HOSTS = 7
PAGES = {
    "postures": (partial(posture_page.write_page, 300), 660_367, "219c885b1a23ba81"),
    "basic postures": (partial(posture_page.write_page, 300, with_details=False), 421_437, "6e57031362d64ae9"),
    "web findings": (partial(was_page.write_page, 300), 745_179, "5b099c1a6a23f011"),
    "events": (partial(fim_page.write_page, "events", 300), 566_939, "3b3a298c9e35ac9d"),
    "ignored events": (partial(fim_page.write_page, "ignored", 300), 506_427, "64990dc914858a18"),
    "incidents": (partial(fim_page.write_page, "incidents", 300), 300_566, "8fe2b27cacc865f5"),
    "tickets": (partial(ticket_page.write_page, 300), 772_891, "083bcc40599a29e3"),
    "assets": (partial(asset_page.write_page, 30), 875_996, "7d833a747e328553"),
    "report": (partial(report_page.write_page, 10), 467_381, "605fbb7bf945eda1"),
}
"""What writes a page, its size and its digest: figures of one day compare with those of another."""


@pytest.mark.parametrize(("write", "size", "digest"), PAGES.values(), ids=PAGES)
def test_pages_are_always_the_same(write: Callable[[TextIO], None], size: int, digest: str) -> None:
    out = io.StringIO()
    write(out)
    body = out.getvalue().encode()
    assert (len(body), hashlib.sha256(body).hexdigest()[:16]) == (size, digest)


@pytest.mark.parametrize(
    "case", [*COMPLIANCE, *WEB, *chain(*FILE_INTEGRITY.values()), *REMEDIATION, *INVENTORY, *REPORTS]
)
def test_what_is_converted_is_a_resource_and_settings_that_there_are(case: Case) -> None:
    told = case.conversion
    feed = load(told["metric"])
    assert feed.settings == told["tab"]
    assert fields.checked(told["tab"], told.get("settings", {}))
    (resource, _) = told.get("asked", ("", {}))
    assert not resource or resource in {other.name for other in feed.others}


@pytest.mark.parametrize(
    ("figure", "verdict", "cells"),
    [
        (Figure("a", 3.5, "units", most(3.6)), "met", ("a", "3.50", "units", "≤ 3.6", "met")),
        (Figure("a", 3.7, "units", most(3.6)), "missed", ("a", "3.70", "units", "≤ 3.6", "missed")),
        (
            Figure("a", 149_999, "events/s", least(150_000)),
            "missed",
            ("a", "149,999", "events/s", "≥ 150,000", "missed"),
        ),
        (Figure("a", 150_000.2, "events/s", least(150_000)), "met", ("a", "150,000", "events/s", "≥ 150,000", "met")),
        (Figure("a", 1, "s"), "", ("a", "1.00", "s", "", "")),
        (Figure("a", None, ""), "failed", ("a", "", "", "", "failed")),
    ],
)
def test_verdicts(figure: Figure, verdict: str, cells: tuple[str, ...]) -> None:
    assert (figure.verdict, figure.cells) == (verdict, cells)


def test_too_few_cores_to_judge() -> None:
    assert Figure("a", 9, "×", most(1), CORES + 1).verdict == f"not judged: {CORES} cores"
    assert Figure("a", 9, "×", most(1), CORES).verdict == "missed"


def test_the_page_of_the_docs_is_of_the_form_that_is_written() -> None:
    found = {topic.name: [Figure("a | b", 1.0, "units", most(2))] for topic in TOPICS}
    written = page.rendered(TOPICS, found)
    assert written.count("| a / b | 1.00 | units | ≤ 2 | met |") == len(TOPICS)
    assert page.skeleton(page.PATH.read_text(encoding="utf-8")) == page.skeleton(written), "run: make bench"
    assert page.skeleton(written) == page.skeleton(page.rendered(TOPICS, {}))


def test_a_topic_that_fails_leaves_the_figures_before_and_the_other_topics() -> None:
    def figures(bench: Bench) -> object:
        bench.doing("something")
        yield Figure("first", 1.0, "s")
        raise RuntimeError("no [b]such[/b] thing")

    console = Console(file=io.StringIO())
    with console.status("") as status:
        told = list(command.measured(Topic("x", "X", "", figures), console, status))  # type: ignore[arg-type]
    assert [figure.verdict for figure in told] == ["", "failed"]
    assert "X could not be measured: no [b]such[/b] thing" in console.file.getvalue()  # type: ignore[attr-defined]


CHILD = "import time; time.sleep({late}); x = bytearray(100_000_000)"
STARTS = "import subprocess, sys, time, os; p = subprocess.Popen([sys.executable, '-c', {child!r}]); {then}"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to another process")
@pytest.mark.parametrize(
    ("late", "then"), [(0, "p.wait()"), (0.2, "os._exit(0)")], ids=["waited for", "outlives its parent"]
)
def test_memory_is_that_of_the_largest_process(late: float, then: str) -> None:
    """Also of one that the measured process started."""
    alone = measured([sys.executable, "-c", "pass"]).peak_mb
    code = STARTS.format(child=CHILD.format(late=late), then=then)
    assert measured([sys.executable, "-c", code]).peak_mb == pytest.approx(alone + 100, abs=15)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> HostPages:
    path = tmp_path_factory.mktemp("pages") / "hosts.xml"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        hld_page.write_page(HOSTS, 2, file)
    return HostPages(path)


@pytest.mark.parametrize(
    ("asked", "hosts", "following"),
    [
        ({}, range(3), 3),
        ({"id_min": 2}, range(2, 5), 5),
        ({"id_min": 4}, range(4, 7), None),
        ({"id_min": 1, "id_max": 2}, range(1, 3), None),
        ({"id_min": 0, "id_max": 5}, range(3), 3),
        ({"id_min": 7}, range(0), None),
    ],
)
def test_any_range_of_the_rendered_hosts(
    platform: HostPages, asked: dict[str, int], hosts: range, following: int | None
) -> None:
    params = {name: str(FIRST_ID + number) for name, number in asked.items()}
    body = platform.detections({**params, "truncation_limit": "3"}).body
    assert isinstance(body, bytes)
    told = ET.fromstring(body)
    assert [int(found.text or "") - FIRST_ID for found in told.iterfind("RESPONSE/HOST_LIST/HOST/ID")] == list(hosts)
    url = told.findtext("RESPONSE/WARNING/URL")
    assert (url is None) == (following is None)
    assert following is None or f"id_min={FIRST_ID + following}" in (url or "")


def test_the_list_of_the_rendered_hosts(platform: HostPages) -> None:
    body = platform.listed({"id_min": str(FIRST_ID + 3)}).body
    assert f"<ID_RANGE>{FIRST_ID + 3}-{FIRST_ID + HOSTS - 1}</ID_RANGE>".encode() in body
