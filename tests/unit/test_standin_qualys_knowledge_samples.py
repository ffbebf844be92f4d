"""What the stand-in's knowledge base serves, held to the vendor's DTD and to public recordings.

They are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are left out.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from benchmarks.kb_page import write_page
from standins.qualys import UNKNOWN_QIDS, Allowance, QualysStandin
from support.qualys import KNOWLEDGE, Client
from support.recordings import MISSING, SAMPLES, exchanges

DTD = "knowledgebase/qualyspy_knowledge_base_vuln_list_output.dtd"
PATH = KNOWLEDGE.replace("4.0", "2.0")
EVERYTHING_SHOWN = {
    "show_pci_reasons": "1",
    "show_supported_modules_info": "1",
    "show_disabled_flag": "1",
    "show_qid_change_log": "1",
    "echo_request": "1",
}
RECORDINGS = (
    ("knowledgebase/j1_har_iterateVulnerabilities.har", 0),
    ("was-finding/j1_har_steps_findings_and_kb.har", -1),
)

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=1, allowance=Allowance(300, 3600, 2)) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    standin.dirt.set(())
    with Client(standin) as connected:
        yield connected


def exchange(name: str, place: int = 0) -> Any:
    """An exchange of a HAR file with the knowledge base."""
    return exchanges(name, "/knowledge_base/vuln/")[place]


def recorded_text(name: str, place: int) -> str:
    return str(exchange(name, place)["response"]["content"]["text"])


def paths(element: ET.Element, above: str = "") -> set[str]:
    """The path of each element, and of each attribute."""
    path = f"{above}/{element.tag}"
    return {path, *(f"{path}@{name}" for name in element.attrib)}.union(*(paths(child, path) for child in element))


def neutral(text: str) -> str:
    """The text without what depends on host, port and time."""
    text = re.sub(r"https?://[^/\"]+", "BASE", text)
    return re.sub(r"Copyright \d{4}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)


def frame(text: str) -> list[str]:
    """The lines before the first entry and after the last, without indentation; repeated comments once."""
    lines = neutral(text).splitlines()
    first, last = (
        next(n for n in order if "VULN>" in lines[n]) for order in (range(len(lines)), range(len(lines))[::-1])
    )
    return list(dict.fromkeys(line.strip() for line in (*lines[:first], *lines[last + 1 :]) if line.strip()))


@pytest.mark.parametrize("details", ["Basic", "All", "None"])
@pytest.mark.parametrize("shown", [{}, EVERYTHING_SHOWN], ids=["plain", "shown"])
def test_answers_are_valid_by_the_vendors_dtd(client: Client, details: str, shown: dict[str, str]) -> None:
    dtd = etree.DTD(str(SAMPLES / DTD))
    answer = etree.fromstring(client.knowledge("2.0", details=details, **shown).body)
    assert dtd.validate(answer), dtd.error_log.filter_from_errors()[:3]
    assert len(answer.findall(".//VULN")) == (0 if details == "None" else 600)


def test_an_empty_answer_is_valid_too(client: Client) -> None:
    dtd = etree.DTD(str(SAMPLES / DTD))
    assert dtd.validate(etree.fromstring(client.knowledge("2.0", ids=str(UNKNOWN_QIDS[0])).body))


def test_the_page_of_the_benchmarks_is_valid_too() -> None:
    dtd = etree.DTD(str(SAMPLES / DTD))
    page, again = io.StringIO(), io.StringIO()
    assert write_page(0.3, page) == write_page(0.3, again) > 100
    assert page.getvalue() == again.getvalue()
    assert 300_000 <= len(page.getvalue().encode()) < 310_000
    assert dtd.validate(etree.fromstring(page.getvalue().encode()))


def test_the_dtd_is_broken_as_the_recordings_break_it(standin: QualysStandin, client: Client) -> None:
    dtd = etree.DTD(str(SAMPLES / DTD))
    sample = SAMPLES / "knowledgebase" / "demisto_vulnerabilities_raw.xml"
    assert not dtd.validate(etree.parse(sample))
    recorded = {(error.type_name, error.message.split()[1]) for error in dtd.error_log}
    standin.dirt.set(("gaps",))
    assert not dtd.validate(etree.fromstring(client.knowledge("2.0", details="All").body))
    assert recorded <= {(error.type_name, error.message.split()[1]) for error in dtd.error_log}


def test_every_recorded_element_can_come_from_the_stand_in(client: Client) -> None:
    sample = (SAMPLES / "knowledgebase" / "demisto_vulnerabilities_raw.xml").read_text(encoding="utf-8")
    recorded = [paths(ET.fromstring(text)) for text in (sample, *(recorded_text(*place) for place in RECORDINGS))]
    served = paths(client.knowledge("2.0", details="All").xml)
    assert [found - served for found in recorded] == [set()] * 3


@pytest.mark.parametrize("place", RECORDINGS)
def test_every_recorded_element_of_basic_details_comes_with_them(client: Client, place: tuple[str, int]) -> None:
    """Both recordings were asked for without `details`, and hold the texts all the same."""
    assert "details" not in exchange(*place)["request"]["postData"]["text"]
    assert paths(ET.fromstring(recorded_text(*place))) <= paths(client.knowledge("2.0").xml)


def test_documents_begin_and_end_as_recorded(standin: QualysStandin, client: Client) -> None:
    standin.dirt.set(("comments", "keepalive"))
    assert frame(client.knowledge("2.0").text) == frame(recorded_text(*RECORDINGS[0]))


def test_refused_value(client: Client) -> None:
    recorded = exchange("knowledgebase/j1_har_iterateVulnerabilitiesBadId.har")
    reply = client.call(PATH, body=recorded["request"]["postData"]["text"])
    assert reply.status == recorded["response"]["status"]
    assert neutral(reply.text) == neutral(recorded["response"]["content"]["text"])
    assert {header["name"].lower() for header in recorded["response"]["headers"]} <= reply.headers.keys()
