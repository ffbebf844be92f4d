"""What the stand-in serves of web applications, held to public recordings of the real platform.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or the tests are
left out.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from standins.qualys import QualysStandin
from support.qualys import Client, Reply
from support.recordings import MISSING, SAMPLES, blocks, exchanges, names, shape
from support.web import APPS, FINDINGS, XML, ask

CAPTURE = "was-finding/j1_har_steps_findings_and_kb.har"
PAGES = "was-webapp/j1_har_iterateWebAppsPagination.har"
CHANGING = {"date", "set-cookie"}

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=MISSING)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=1, web_apps=7, web_findings=16) as running:
        yield running


@pytest.fixture
def client(standin: QualysStandin) -> Iterator[Client]:
    with Client(standin) as connected:
        yield connected


def repeated(client: Client, recorded: Any) -> Reply:
    """Our answer to the recorded call."""
    path = re.sub("^https://[^/]+", "", recorded["request"]["url"])
    text = recorded["request"].get("postData", {}).get("text", "")
    return client.call(path, headers=XML, method=recorded["request"]["method"], body=text)


def same_head(reply: Reply, recorded: Any) -> None:
    """Status and headers are those of the recording, but for those that belong to the connection."""
    answer = recorded["response"]
    headers = {header["name"].lower(): header["value"] for header in answer["headers"]}
    assert reply.status == answer["status"]
    assert headers.keys() - {"set-cookie"} <= reply.headers.keys()
    assert reply.headers.keys() - headers.keys() <= {"connection", "keep-alive", "transfer-encoding", "content-length"}
    for name in headers.keys() - CHANGING:
        assert reply.headers[name] == headers[name], name


def neutral(text: str) -> str:
    """The text but for the host."""
    return re.sub(r"https://[^/\"]+", "BASE", text)


@pytest.mark.parametrize(
    "name",
    [
        "was-finding/j1_har_iterateWebAppFindingsBadId.har",
        "was-webapp/j1_har_iterateWebAppsInvalidFilterValue.har",
        "was-webapp/j1_har_iterateWebAppsFilteredNotFound.har",
    ],
)
def test_refusals_and_nothing_found_letter_by_letter(client: Client, name: str) -> None:
    (recorded,) = exchanges(name)
    reply = repeated(client, recorded)
    same_head(reply, recorded)
    assert neutral(reply.text) == neutral(recorded["response"]["content"]["text"])


def test_wrong_login_letter_by_letter(standin: QualysStandin) -> None:
    (recorded,) = exchanges("errors/j1_har_verifyAuthenticationInaccesible.har")
    with Client(standin, password="wrong") as stranger:
        reply = repeated(stranger, recorded)
    same_head(reply, recorded)
    assert neutral(reply.text) == neutral(recorded["response"]["content"]["text"])


@pytest.mark.parametrize("place", range(7))
def test_pages_of_web_applications(standin: QualysStandin, client: Client, place: int) -> None:
    """One application a page, seven pages: the frame, hasMoreRecords and lastId are the recorded ones."""
    recorded = sorted(exchanges(PAGES), key=lambda each: each["request"]["postData"]["text"])[place]
    reply = repeated(client, recorded)
    text = recorded["response"]["content"]["text"]
    same_head(reply, recorded)
    ours, theirs = blocks(reply.text, "WebApp"), blocks(text, "WebApp")
    assert shape(reply.text.replace(ours[0], "")) == shape(text.replace(theirs[0], ""))
    ids = [reply.xml.findtext("data/WebApp/id"), reply.xml.findtext("lastId")]
    assert ids == [str(standin.web.app_ids[place]), str(standin.web.app_ids[place]) if place < 6 else None]


def test_a_web_application_is_written_as_recorded(client: Client) -> None:
    recorded = {
        shape(block) for each in exchanges(PAGES) for block in blocks(each["response"]["content"]["text"], "WebApp")
    }
    ours = {shape(block) for block in blocks(ask(client, path=APPS).text, "WebApp") if "<list>" not in block}
    assert recorded == ours


def findings(text: str) -> set[str]:
    """The forms of the findings, but for those of contents, of which there is no recording."""
    return {shape(block) for block in blocks(text, "Finding") if "SENSITIVE_CONTENT" not in block}


def test_findings_are_written_as_recorded(client: Client) -> None:
    """Which elements come for which type, in which order and form, where no details are asked for."""
    (recorded,) = exchanges(CAPTURE, "/search/was/finding")
    text = recorded["response"]["content"]["text"]
    reply = ask(client, {"limitResults": "1000"})
    assert findings(reply.text) == findings(text)
    assert len(blocks(text, "Finding")) == 86
    same_head(reply, recorded)
    frames = [shape(re.sub(r"    <Finding>.*</Finding>\n", "", told, flags=re.DOTALL)) for told in (reply.text, text)]
    assert frames[0] == frames[1]


def test_gathered_information_comes_as_often_as_any(client: Client) -> None:
    """The recorded rows without url and status are the rule for their type, and ours are the same rows."""
    (recorded,) = exchanges(CAPTURE, "/search/was/finding")
    for text in (recorded["response"]["content"]["text"], ask(client, {"limitResults": "1000"}).text):
        found = ET.fromstring(text).findall("data/Finding")
        gathered = {names(each) for each in found if each.findtext("type") == "INFORMATION_GATHERED"}
        assert len(gathered) == 1
        assert not {"url", "status", "timesDetected", "isIgnored"} & set(*gathered)


@pytest.mark.parametrize("name", ["portal-version/j1_har_fetchPortalInfo.har", CAPTURE])
def test_portal_version(client: Client, name: str) -> None:
    recorded = exchanges(name, "/portal/version")[0]
    reply = repeated(client, recorded)
    text = recorded["response"]["content"]["text"]
    version = re.compile(r" +<[\w-]+-VERSION>.*</[\w-]+-VERSION>\n")
    assert version.sub("", neutral(reply.text)) == version.sub("", neutral(text))
    headers = {header["name"].lower() for header in recorded["response"]["headers"]}
    assert "set-cookie" in headers & reply.headers.keys()
    assert not [found for found in (*headers, *reply.headers) if "ratelimit" in found]


def test_both_forms_of_the_path_are_taken(client: Client) -> None:
    paths = {re.sub("^https://[^/]+", "", each["request"]["url"]) for each in exchanges(CAPTURE, "/was/")}
    assert paths == {f"{FINDINGS}/", APPS}
    assert ask(client, path=f"{APPS}/").text == ask(client, path=APPS).text
