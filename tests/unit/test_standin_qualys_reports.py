"""The stand-in's reports: templates, launching, how far they are, the document, their end, and the ledger of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

import pytest
import requests
from lxml import etree

from standins.qualys.standin import QualysStandin

PATH, LIST = "/api/2.0/fo/report/", "/msp/report_template_list.php"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path, hosts=6, findings=5, report_looks=2) as made:
        yield made


def asked(platform: QualysStandin, path: str = PATH, **params: object) -> requests.Response:
    return requests.post(
        platform.url + path,
        data=params,
        auth=(platform.username.encode(), platform.password.encode()),
        headers={"X-Requested-With": "test"},
        verify=platform.ca,
        timeout=20,
    )


def document(platform: QualysStandin, path: str = PATH, **params: object) -> Any:
    return etree.fromstring(asked(platform, path, **params).content)


def launched(platform: QualysStandin, template: int = 424242, title: str = "T") -> str:
    told = document(platform, action="launch", template_id=template, output_format="xml", report_title=title)
    assert told.findtext("RESPONSE/TEXT") == "New report launched"
    return str(told.findtext("RESPONSE/ITEM_LIST/ITEM/VALUE"))


def state(platform: QualysStandin, number: str) -> Optional[str]:
    found: Optional[str] = document(platform, action="list", id=number).findtext(".//STATE")
    return found


def test_templates(platform: QualysStandin) -> None:
    root = document(platform, LIST)
    assert root.tag == "REPORT_TEMPLATE_LIST"
    titles = [each.findtext("TITLE") for each in root]
    assert titles.count("Twice") == 2
    assert {each.findtext("TEMPLATE_TYPE") for each in root} == {"Scan", "Patch"}


def test_a_report_is_made_while_somebody_looks(platform: QualysStandin) -> None:
    number = launched(platform)
    assert [state(platform, number) for _ in range(3)] == ["Submitted", "Running", "Finished"]
    assert document(platform, action="fetch", id=number).tag == "ASSET_DATA_REPORT"


@pytest.mark.parametrize("number", ["0", "4888438", "77"])
def test_what_is_not_finished_or_never_was_is_answered_alike(platform: QualysStandin, number: str) -> None:
    launched(platform)
    answer = asked(platform, action="fetch", id=number)
    assert answer.status_code == 200
    assert etree.fromstring(answer.content).findtext("RESPONSE/CODE") == "7001"


def test_all_reports_are_listed_with_their_titles(platform: QualysStandin) -> None:
    assert document(platform, action="list").find("RESPONSE/REPORT_LIST") is None
    numbers = [launched(platform, title="one"), launched(platform, title="two")]
    found = document(platform, action="list").findall("RESPONSE/REPORT_LIST/REPORT")
    assert [(each.findtext("ID"), each.findtext("TITLE")) for each in found] == list(zip(numbers, ("one", "two")))


def test_a_report_may_fail_or_be_deleted(platform: QualysStandin) -> None:
    platform.reports.fail()
    number = launched(platform)
    assert [state(platform, number) for _ in range(3)][-1] == "Errors"
    assert asked(platform, action="delete", id=number).status_code == 200
    assert state(platform, number) is None
    assert asked(platform, action="delete", id=number).status_code == 400


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "1903"),
        ({"action": "launch", "template_id": "424242"}, "1903"),
        ({"action": "launch", "template_id": "757575", "output_format": "xml"}, "1905"),
        ({"action": "fetch"}, "1903"),
        ({"action": "list", "_left": "1"}, "1901"),
    ],
)
def test_what_the_platform_does_not_take(platform: QualysStandin, params: Mapping[str, str], code: str) -> None:
    answer = asked(platform, **params)
    assert answer.status_code == 400
    assert etree.fromstring(answer.content).findtext("RESPONSE/CODE") == code


def test_the_ledger_holds_what_the_report_holds(platform: QualysStandin) -> None:
    number = launched(platform)
    for _ in range(2):
        state(platform, number)
    root = document(platform, action="fetch", id=number)
    (report,) = platform.reports.launched
    expected = list(platform.report_ledger.expected(report))
    found = [(host, finding) for host in root.iter("HOST") for finding in host.iter("VULN_INFO")]
    assert len(found) == len(expected) == 30
    for (host, finding), each in zip(found, expected):
        assert host.findtext("IP") == each.host["IP"]
        assert finding.findtext("QID") == each.elements["QID"]
    explained = {each.get("id") for each in root.iter("VULN_DETAILS")}
    assert explained == {f"qid_{each.elements['QID']}" for each in expected if each.details}
    assert platform.report_ledger.counts() == {"reports_launched": 1, "reports_served": 1, "reports_left": 1}


def test_templates_report_different_things(platform: QualysStandin) -> None:
    launched(platform, 535353)
    launched(platform, 646464)
    severe, nothing = platform.reports.launched
    found = list(platform.report_ledger.expected(severe))
    assert 0 < len(found) < 30
    assert list(platform.report_ledger.expected(nothing)) == []
