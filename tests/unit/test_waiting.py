"""What the core does for what is made while one waits, for actions, for files of this server, for other lists."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qualys_ta.api.answers import is_data
from qualys_ta.api.codes import Answer, error_for, with_need
from qualys_ta.api.local import DIALECT, LocalFiles
from qualys_ta.chains import Step
from qualys_ta.errors import AuthError, ConfigError, NotReady, Refused, TryLater
from qualys_ta.model import Request
from qualys_ta.populator.report_api import DELETE, LAUNCH, REPORT, TEMPLATES
from qualys_ta.reading import page_reader, record_reader
from qualys_ta.xmlpage import Noted, Told
from support.core import inspected
from support.reports import details, host, report, vuln


def error(code: str = "", text: str = "no", status: int = 200) -> Exception:
    return error_for(Answer(status, "SIMPLE_RETURN", code, text), "/p", "", {}, "")


def test_7001_is_to_be_waited_for_and_nothing_else_is() -> None:
    assert isinstance(error("7001", "Report cannot be fetched."), NotReady)
    assert isinstance(error("999"), TryLater)
    assert not isinstance(error("999"), NotReady)


@pytest.mark.parametrize(
    ("code", "text", "status", "kind", "told"),
    [
        ("2012", "no", 403, AuthError, True),
        ("", "Module not enabled", 403, AuthError, True),
        ("UNAUTHORIZED", "no", 401, AuthError, True),
        ("1905", "parameter ids has invalid value", 400, Refused, False),
        ("1905", "You do not have permission to run this template", 400, Refused, True),
        ("", "", 401, AuthError, False),
        ("2000", "no", 401, AuthError, False),
        ("2001", "no", 200, AuthError, False),
        ("1960", "no", 409, TryLater, False),
    ],
)
def test_who_is_refused_hears_what_is_needed(
    code: str, text: str, status: int, kind: type[Exception], told: bool
) -> None:
    said = Answer(status, "", code, text)
    found = with_need(error_for(said, "/p", "", {}, ""), said, "A role is needed.")
    assert isinstance(found, kind)
    assert str(found).endswith("A role is needed.") is told


@pytest.mark.parametrize("resource", [LAUNCH, DELETE])
def test_an_action_is_answered_by_a_text_without_a_code(resource: Any) -> None:
    done = {"RESPONSE/DATETIME": "2024-01-01T00:00:00Z", "RESPONSE/TEXT": "New report launched"}
    assert is_data(Told("SIMPLE_RETURN", done, True), resource)
    assert not is_data(Told("SIMPLE_RETURN", {**done, "RESPONSE/CODE": "1905"}, True), resource)
    assert not is_data(Told("SIMPLE_RETURN", done, True), replace(resource, acts=False))


def test_a_report_without_hosts_is_data() -> None:
    told = inspected(report(explained=()), REPORT.record).told
    assert (told.has_records, is_data(told, REPORT)) == (False, True)


TEMPLATE_LIST = (
    b'<?xml version="1.0"?><REPORT_TEMPLATE_LIST><REPORT_TEMPLATE><ID>1</ID><TITLE>a</TITLE></REPORT_TEMPLATE>'
    b"<REPORT_TEMPLATE><ID>2</ID></REPORT_TEMPLATE></REPORT_TEMPLATE_LIST>\n<!-- end -->\n"
)


@pytest.mark.parametrize("chunk", [0, 1, 7])
def test_the_root_itself_may_be_the_list(chunk: int) -> None:
    inspector = inspected(TEMPLATE_LIST, TEMPLATES.record, chunk)
    assert (inspector.root, inspector.told.has_records) == ("REPORT_TEMPLATE_LIST", True)
    for reader in (page_reader(TEMPLATES, True), record_reader(TEMPLATES, inspector.noted, True)):
        found = [record.findtext("ID") for record in reader.records(io.BytesIO(TEMPLATE_LIST))]
        assert found == ["1", "2"]


@pytest.mark.parametrize(
    "body", [TEMPLATE_LIST[:-40], TEMPLATE_LIST.replace(b"<!-- end -->", b"<B/>"), TEMPLATE_LIST + TEMPLATE_LIST]
)
def test_such_a_list_must_be_whole(body: bytes) -> None:
    with pytest.raises((TryLater, Refused)):
        inspected(body, TEMPLATES.record)


def test_other_lists_are_read_along_and_leave_nothing_behind() -> None:
    risks = "<RISK_SCORE_PER_HOST>" + "<HOSTS><IP_ADDRESS>1</IP_ADDRESS></HOSTS>" * 5000 + "</RISK_SCORE_PER_HOST>"
    body = report(host(vuln()), risks=risks, explained=(details(),))
    reader = record_reader(REPORT, Noted(), True)
    tags = [element.tag for elements, _ in reader.lists(io.BytesIO(body)) for element in elements]
    assert Counter(tags) == {"HOSTS": 5000, "HOST": 1, "VULN_DETAILS": 1}
    assert sum(1 for _ in reader.top.iter()) < 40  # type: ignore[union-attr]


def test_a_file_is_read_like_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b"x" * 100_000)
    with LocalFiles().send(Request(str(path), {"file": "a.xml"}, "GET")) as response:
        assert (response.status, b"".join(response.chunks())) == (200, b"x" * 100_000)
        assert response.headers["date"].endswith("GMT")
    request = Request(str(path))
    assert DIALECT.following(request, {}, None) is None  # type: ignore[arg-type]


def test_a_file_that_is_not_there_is_a_mistake_of_a_person(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match=r"Cannot read .*: No such file"),
        LocalFiles().send(Request(str(tmp_path / "no.xml"))),
    ):
        pass


def test_what_fails_while_it_is_read_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.xml").touch()
    with pytest.raises(OSError, match="disk"), LocalFiles().send(Request(str(tmp_path / "a.xml"))):
        raise OSError("disk")


def test_a_step_tells_nothing() -> None:
    params: Mapping[str, str] = {}
    step = Step(Request("/p", params), "2024-01-01T00:00:00Z")
    step.discard()
    assert (list(step.records()), list(step.batches()), step.next, step.bad, step.size) == ([], [], None, 0, 0)
