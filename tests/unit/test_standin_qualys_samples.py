"""What the Qualys stand-in serves, held to public recordings of the real platform.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are
left out.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from standins.qualys import EVERYTHING, Allowance, QualysStandin
from support.qualys import DETECTION, HOST_LIST, Client, Reply
from support.recordings import MISSING, SAMPLES, exchanges

CHANGING = {"date", "x-ratelimit-remaining", "keep-alive"}
RECORDED_LIMIT = Allowance(300, 3600, 2)

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


@pytest.fixture
def standin(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=40, dirt=("comments",), allowance=RECORDED_LIMIT) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def recording(name: str) -> Any:
    """The first exchange of a HAR file."""
    return exchanges(name)[0]


def cassette(name: str) -> Any:
    """The exchanges of a VCR cassette."""
    return yaml.safe_load((SAMPLES / "errors" / name).read_text(encoding="utf-8"))["http_interactions"]


def neutral(text: str) -> str:
    """The text without what depends on host, port and time."""
    text = re.sub(r"https?://[^/\"]+", "BASE", text)
    return re.sub(r"Copyright \d{4}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)


def same_answer(reply: Reply, recorded: Any) -> None:
    """Status and body are those of the recording, and no recorded header is missing."""
    assert reply.status == recorded["status"]
    assert neutral(reply.text) == neutral(recorded["content"]["text"])
    recorded_headers = {header["name"].lower(): header["value"] for header in recorded["headers"]}
    assert recorded_headers.keys() <= reply.headers.keys()
    for name in recorded_headers.keys() - CHANGING:
        assert reply.headers[name] == recorded_headers[name], name


def in_order(sample: list[str], rows: list[str]) -> bool:
    """Whether the names of `sample` stand in `rows` in the same order."""
    remaining = iter(rows)
    return all(name in remaining for name in sample)


def names_in_order(elements: list[ET.Element]) -> list[str]:
    """The names of the children of `elements`, merged into the one order they all keep."""
    merged: list[str] = []
    for element in elements:
        place = 0
        for child in element:
            if child.tag in merged:
                place = merged.index(child.tag) + 1
            else:
                merged.insert(place, child.tag)
                place += 1
    return merged


def test_refused_value(client: Client) -> None:
    recorded = recording("vm-detection/j1_har_iterateHostDetectionsBadId.har")
    reply = client.call(DETECTION.replace("5.0", "2.0"), body=recorded["request"]["postData"]["text"])
    same_answer(reply, recorded["response"])


def test_nothing_found(client: Client) -> None:
    recorded = recording("vm-detection/j1_har_iterateHostDetectionsUnknownId.har")
    reply = client.call(DETECTION.replace("5.0", "2.0"), body=recorded["request"]["postData"]["text"])
    same_answer(reply, recorded["response"])


@pytest.mark.parametrize(
    ("name", "hosts"), [("j1_har_fetchScannedHostIds.har", 1), ("j1_har_fetchScannedHostIdsNone.har", 0)]
)
def test_bare_ids(tmp_path: Path, name: str, hosts: int) -> None:
    recorded = recording(f"host-list/{name}")
    with QualysStandin(tmp_path, hosts=hosts, dirt=("comments",), allowance=RECORDED_LIMIT) as standin:
        with Client(standin) as client:
            query = {item["name"]: item["value"] for item in recorded["request"]["queryString"]}
            reply = client.call(HOST_LIST.replace("5.0", "2.0"), query, method="GET")
        text = recorded["response"]["content"]["text"]
        for ident in standin.population.ids:
            text = text.replace("107800671", str(ident))
    recorded["response"]["content"]["text"] = text
    same_answer(reply, recorded["response"])


def test_missing_action_and_wrong_login(standin: QualysStandin, client: Client) -> None:
    moved, missing = cassette("rubyqualys_wrong.yml")
    (refused,) = cassette("rubyqualys_unlogged.yml")
    with Client(standin, password="wrong") as stranger:
        replies = [client.call(HOST_LIST[:-1]), client.call(HOST_LIST), stranger.call(HOST_LIST)]
    for reply, recorded in zip(replies, (moved, missing, refused)):
        assert reply.status == recorded["response"]["status"]["code"]
        body = recorded["response"]["body"]["string"].replace("/api/2.0/fo/scan/", HOST_LIST)
        assert neutral(reply.text) == neutral(body)
        assert {name.lower() for name in recorded["response"]["headers"]} <= reply.headers.keys()


def test_detection_elements_stand_in_the_recorded_order(client: Client) -> None:
    sample = ET.parse(SAMPLES / "vm-detection" / "j1_detections.xml").getroot()
    ours = client.detections(**EVERYTHING).xml
    for name in ("RESPONSE", "HOST", "DETECTION"):
        recorded = names_in_order(list(sample.iter(name)))
        assert recorded
        assert in_order(recorded, names_in_order(list(ours.iter(name)))), name


def test_host_elements_stand_in_the_recorded_order(client: Client) -> None:
    sample = ET.parse(SAMPLES / "host-list" / "demisto_qualys_host_list_rawresponse.xml").getroot()
    ours = client.call(HOST_LIST, {"action": "list", "details": "All"}).xml
    for name in ("RESPONSE", "HOST", "DNS_DATA"):
        recorded = names_in_order(list(sample.iter(name)))
        assert recorded
        assert in_order(recorded, names_in_order(list(ours.iter(name)))), name


def test_tag_comment_is_the_recorded_one(standin: QualysStandin, client: Client) -> None:
    sample = (SAMPLES / "host-list" / "demisto_qualys_host_list_rawresponse.xml").read_text(encoding="utf-8")
    comment = re.findall(r"<!-- <EC2_INSTANCE_ID>.*?-->", sample)[0]
    standin.dirt.set(("tag_comment",))
    assert comment in client.call(HOST_LIST, {"action": "list"}).text
