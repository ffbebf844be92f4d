"""The clients of one run: each request goes to the list that it names, in that list's version and dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import pytest

from qualys_ta.api.client import ApiClient
from qualys_ta.api.clients import Clients
from qualys_ta.api.dialect import Body
from qualys_ta.errors import ConfigError, Refused, TryLater
from qualys_ta.feed import Feed
from qualys_ta.model import Request
from qualys_ta.populator import load
from qualys_ta.splunk import fields
from support.posture import info, of_policy, pc_settings, policy, policy_answer, posture_answer, postures_answer
from support.pulls import ListLog, Said, simple_return
from support.tickets import ticket_settings
from support.webapps import finding, was_answer, was_settings

PC, WAS, TICKETS = (load(name) for name in ("policy_posture_info", "was_findings", "tickets"))
HEADERS = {"date": "Thu, 02 May 2024 10:00:00 GMT"}


class Sent:
    """A transport that answers by what is asked, and keeps it."""

    def __init__(self, answers: Mapping[str, bytes], status: int = 200) -> None:
        self.requests: list[tuple[Request, Optional[Body]]] = []
        self._answers, self._status = answers, status

    @contextmanager
    def send(self, request: Request, body: Optional[Body] = None) -> Iterator[Said]:
        self.requests.append((request, body))
        yield Said(self._answers[request.path], self._status, HEADERS)


def clients(feed: Feed, transport: Sent, folder: Path, metric: Mapping[str, Any]) -> Clients:
    api = {**fields.checked("api", {}), "max_retries": 0}
    return Clients(feed, lambda _dialect: transport, api, metric, folder / "pages", ListLog())  # type: ignore[arg-type,return-value]


def opened(of: Clients) -> ApiClient:
    return of.new(of.feed.resource)


POLICIES = "/api/5.0/fo/compliance/policy/"
POSTURE = "/api/2.0/fo/compliance/posture/info/"


def test_each_request_goes_to_the_list_that_it_names(tmp_path: Path) -> None:
    """Judged by that list's root and read by its record, whatever the path says."""
    sent = Sent({POLICIES: policy_answer(policy(ID=7), policy(ID=8)), POSTURE: posture_answer(info(1))})
    ours = clients(PC, sent, tmp_path, pc_settings())
    fetch = ours.fetch(opened(ours))
    found = [
        [record.tag for record in fetch(request).records()]
        for request in (Request(POLICIES), Request(POSTURE, resource="posture_info"))
    ]
    assert found == [["POLICY", "POLICY"], ["INFO"]]
    with pytest.raises(TryLater, match="POLICY_LIST_OUTPUT instead of POSTURE_INFO_LIST_OUTPUT"):
        fetch(Request(POLICIES, resource="posture_info"))


def test_an_answer_about_several_policies_is_read_as_one(tmp_path: Path) -> None:
    sent = Sent({POSTURE: postures_answer(of_policy(7, info(1)), of_policy(8, info(2), info(3)))})
    ours = clients(PC, sent, tmp_path, pc_settings())
    page = ours.fetch(opened(ours))(Request(POSTURE, resource="postures_info"))
    assert {record.findtext("ID") for record in page.records()} == {"1", "2", "3"}


def test_versions_and_a_persons_parameters_are_those_of_each_list(tmp_path: Path) -> None:
    """Who set policy_ids is told so where the list of policies refuses it, too."""
    refused = simple_return("1905", "parameter policy_ids has invalid value: 0")
    metric = pc_settings(extra_posture_params="policy_ids=0&status=Failed")
    ours = clients(PC, Sent({POLICIES: refused, POSTURE: refused}, 400), tmp_path, metric)
    client = opened(ours)
    fetch = ours.fetch(client)
    assert client.version == "5.0"
    assert ours.other(client, PC.others[0]).first({}).path == POSTURE
    with pytest.raises(ConfigError, match="Correct policy_ids in the setting extra_posture_params"):
        fetch(Request(POSTURE, resource="posture_info"))
    with pytest.raises(Refused, match=POLICIES):
        fetch(Request(POLICIES))


def test_a_ticket_filter_that_the_platform_refuses_is_named(tmp_path: Path) -> None:
    said = b'<REMEDIATION_TICKETS><ERROR number="1905">parameter asset_groups has invalid value: X</ERROR>'
    ours = clients(
        TICKETS, Sent({TICKETS.resource.path: said + b"</REMEDIATION_TICKETS>"}), tmp_path, ticket_settings()
    )
    with pytest.raises(ConfigError, match="asset_groups") as refused:
        ours.fetch(opened(ours))(Request(TICKETS.resource.path, {"asset_groups": "X"}))
    assert refused.value.setting == "asset_groups"


def test_a_complaint_about_another_parameter_names_no_ticket_filter(tmp_path: Path) -> None:
    said = b'<REMEDIATION_TICKETS><ERROR number="1905">parameter x has invalid value: 1</ERROR></REMEDIATION_TICKETS>'
    ours = clients(TICKETS, Sent({TICKETS.resource.path: said}), tmp_path, ticket_settings())
    with pytest.raises(Refused):
        ours.fetch(opened(ours))(Request(TICKETS.resource.path, {"asset_groups": "X"}))


def test_all_lists_share_folder_gate_and_patience(tmp_path: Path) -> None:
    ours = clients(PC, Sent({}), tmp_path, pc_settings())
    client = opened(ours)
    for resource in PC.others:
        other = ours.other(client, resource)
        assert (other.folder, other.gate, other.patience) == (client.folder, client.gate, client.patience)


def test_what_may_be_had_or_not_is_asked_for_once(tmp_path: Path) -> None:
    sent = Sent({POSTURE: b""}, 503)
    ours = clients(PC, sent, tmp_path, pc_settings())
    with pytest.raises(TryLater):
        ours.in_one_try(opened(ours), PC.others[0]).fetch(Request(POSTURE))
    assert len(sent.requests) == 1


def test_forms_and_bodies_go_where_they_belong(tmp_path: Path) -> None:
    search = "/qps/rest/3.0/search/was/finding"
    sent = Sent({POLICIES: policy_answer(), search: was_answer(finding())})
    for feed, metric, path in ((PC, pc_settings(), POLICIES), (WAS, was_settings(), search)):
        ours = clients(feed, sent, tmp_path / feed.name, metric)
        (tmp_path / feed.name).mkdir()
        client = opened(ours)
        request = client.first({"limitResults": "5"})
        assert request.path == path
        ours.fetch(client)(request)
    (_, form), (_, posted) = sent.requests
    assert form is None
    assert posted is not None
    assert posted.kind == "text/xml"
    assert b"<limitResults>5</limitResults>" in posted.content
