"""Public recordings of tickets, file integrity, assets and reports pass through whole runs, and become what they hold.

The recordings are not part of this repository; they lie in ../shared/samples beside a checkout, or these tests are left
out. Of what no recording has (the lists of templates and of reports, an empty page), the least is said here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from qualys_ta.populator import fim_events, host_assets, scan_report, tickets
from qualys_ta.populator.report_api import TEMPLATES
from qualys_ta.times import epoch
from standins.replay import ANY, Answer, Recorded
from support.e2e import Site
from support.e2e_feeds import FeedSite
from support.e2e_fim import FimEventSite
from support.e2e_inventory import AssetSite, TagSite, TicketSite
from support.e2e_reports import ReportSite
from support.page import choose
from support.recordings import MISSING, SAMPLES, flat, leaves, recorded, run_against

if not SAMPLES.is_dir():  # here, not as a mark: one line for the whole module
    pytest.skip(MISSING, allow_module_level=True)

TICKETS = "tickets/gitpan_ticket_list.xml"
CHANGES = "fim/demisto_list_events.json"
ASSETS = ("hostasset/j1_list-host-assets.xml", "hostasset/j1_azure-host-assets.xml")
BAD_FILTER = "hostasset/j1_har_iterateHostDetailsBadId.har"
REPORT, EMPTY = "report-asset-data/defectdojo_Qualys_Sample_Report.xml", "report-asset-data/defectdojo_empty.xml"
LAUNCH = "report-launch/rubyqualys_create_global_report.yml"
NOT_READY = "report-launch/rubyqualys_try_load_not_existing_report.yml"
BAD_LOGIN, NO_ACTION = "errors/rubyqualys_unlogged.yml", "errors/rubyqualys_wrong.yml"
NO_LOGIN = "errors/j1_har_verifyAuthenticationInaccesible.har"
ERRORS = {
    BAD_LOGIN: ("held", "2000 Bad Login/Password"),
    NO_ACTION: ("later", "1903"),
    NO_LOGIN: ("held", "INVALID_CREDENTIALS Authentication failed"),
}
REFUSED = {
    "tickets": (BAD_LOGIN, NO_ACTION),
    "host_assets": (NO_LOGIN,),
    "asset_tags": (NO_LOGIN,),
    "scan_report": (BAD_LOGIN, NO_ACTION),
}
"""Which of them the API of a feed may answer with."""
SITES: Mapping[str, type[FeedSite]] = {
    site.name: site for site in (TicketSite, AssetSite, TagSite, FimEventSite, ReportSite)
}


def test_no_sample_is_forgotten() -> None:
    known = {TICKETS, CHANGES, *ASSETS, BAD_FILTER, REPORT, EMPTY, LAUNCH, NOT_READY, *ERRORS}
    folders = ("tickets", "fim", "hostasset", "report-asset-data", "report-launch", "errors")
    assert {f"{folder}/{path.name}" for folder in folders for path in (SAMPLES / folder).iterdir()} == known


def of(site: Site, name: str) -> FeedSite:
    return SITES[name].of(site)


def body(name: str) -> bytes:
    (answer,) = recorded(name)
    assert isinstance(answer.body, bytes)
    return answer.body


def rows(feed: FeedSite) -> list[tuple[float, dict[str, Any]]]:
    """When each event happened, and what it says. All are of the feed's sourcetype."""
    found = feed.splunk.events()
    assert {row["sourcetype"] for row in found} <= {f"qualys:{SOURCETYPES[feed.name]}"}
    return [(row["time"], json.loads(row["raw"])) for row in found]


SOURCETYPES = {
    "tickets": "ticket",
    "host_assets": "hostAsset",
    "asset_tags": "tag",
    "fim_events": "fim:event",
    "scan_report": "scanReport",
}


def text(element: Any, path: str) -> str:
    return (element.findtext(path) or "").strip()


def ticket_paths(element: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Path, as the event calls it, and text of all that a ticket says."""
    for child in element:
        name = {"vulninfo": "vuln", "cve_id_list": "cve", "history_list": "history"}.get(child.tag.lower(), child.tag)
        path = above if child.tag in ("CVE_ID", "HISTORY") else f"{above}/{name.lower()}"
        if len(child):
            yield from ticket_paths(child, path)
        elif (child.text or "").strip():
            yield path, "".join(child.text.split())


def test_a_list_of_tickets_that_is_cut_goes_on_behind_the_last_one(site: Site, tmp_path: Path) -> None:
    feed, sample = of(site, "tickets"), etree.fromstring(body(TICKETS))
    rest = etree.fromstring(body(TICKETS))
    for tag in ("TICKET_LIST", "TRUNCATION"):
        rest.remove(rest.find(tag))

    def answer(params: Mapping[str, str]) -> Recorded:
        found = recorded(TICKETS)[0]
        return replace(found, body=etree.tostring(rest)) if "since_ticket_number" in params else found

    code, platform = run_against(feed, tmp_path, {tickets.FEED.resource.path: answer})
    assert (code, feed.lines("ERROR"), feed.lines("WARNING")) == (0, [], [])
    assert ["since_ticket_number=1235" in call.form for call in platform.requests] == [False, True]

    ((time, told),) = rows(feed)
    (element,) = sample.iterfind("TICKET_LIST/TICKET")
    ours = {name: told.pop(name) for name in ("modified", "reopened", "overdue")}
    assert sorted(flat(told)) == sorted(ticket_paths(element))
    assert ours == {"modified": "2008-02-13T22:22:29Z", "reopened": False, "overdue": True}
    assert time == float(epoch("2008-02-13T22:22:29Z"))


def test_two_changes_of_files_say_what_was_recorded(site: Site, tmp_path: Path) -> None:
    feed, records = of(site, "fim_events"), json.loads(body(CHANGES))

    def answer(params: Mapping[str, str]) -> Recorded:
        found = recorded(CHANGES)[0]
        return replace(found, body=b"[]") if "searchAfter" in params else found

    answers: dict[str, Answer] = {"/auth": Recorded(201, b"a.b.c"), fim_events.FEED.resource.path: answer}
    code, platform = run_against(feed, tmp_path, answers)
    assert (code, feed.lines("ERROR"), feed.lines("WARNING")) == (0, [], [])
    login, *searches = platform.requests
    assert login.path == "/auth"
    assert {call.headers["authorization"] for call in searches} == {"Bearer a.b.c"}
    asked = [json.loads(call.form).get("searchAfter") for call in searches]
    assert asked == [None, records[-1]["sortValues"]]

    assert rows(feed) == [
        (record["sortValues"][0] / 1000, {**record["data"], "splunk_event_type": "FIM_EVENT"}) for record in records
    ]


@pytest.mark.parametrize("name", ASSETS)
def test_every_asset_of_a_recording_is_an_event_once(site: Site, tmp_path: Path, name: str) -> None:
    feed, resource = of(site, "host_assets"), host_assets.FEED.resource
    code, platform = run_against(feed, tmp_path, {resource.path.format(version="2.0"): recorded(name)[0]})
    assert (code, feed.lines("ERROR"), len(platform.requests)) == (0, [], 1)

    elements = {text(element, "id"): element for element in reversed(etree.fromstring(body(name)).findall("data/*"))}
    found = rows(feed)
    assert sorted(str(told["id"]) for _, told in found) == sorted(elements), "each id once"
    for time, told in found:
        element = elements[str(told["id"])]
        ours = {path: said for path, said in flat(told) if path not in ("/eventKind", "/sourceInfo/sourceType")}
        assert ours.pop("/vulnCount", "0") == "0"
        assert sorted(ours.items()) == sorted(leaves(element))
        assert time == float(epoch("".join(text(element, "modified").split())))


def test_parts_of_a_recorded_asset_are_events_of_their_own(site: Site, tmp_path: Path) -> None:
    feed, resource = of(site, "host_assets"), host_assets.FEED.resource
    choose(feed, "assets", log_asset_ports="1", log_asset_software="1", log_asset_tags="1")
    code, _ = run_against(feed, tmp_path, {resource.path.format(version="2.0"): recorded(ASSETS[0])[0]})
    assert (code, feed.lines("ERROR")) == (0, [])
    element = etree.fromstring(body(ASSETS[0])).find("data/HostAsset")
    parts = [told for _, told in rows(feed) if told["eventKind"] != "asset"]
    wanted = [dict(leaves(each)) for each in element.iterfind("tags/list/TagSimple")]
    assert [dict(flat(told["assetTag"])) for told in parts] == wanted
    assert {(str(told["id"]), told["name"]) for told in parts} == {(text(element, "id"), text(element, "name"))}


def test_a_filter_of_assets_that_is_refused_with_status_200(site: Site, tmp_path: Path) -> None:
    feed, resource = of(site, "host_assets"), host_assets.FEED.resource
    code, platform = run_against(feed, tmp_path, {resource.path.format(version="2.0"): recorded(BAD_FILTER)[0]})
    assert (code, feed.raw, len(platform.requests)) == (1, [], 1)
    assert "qwebHostId" in feed.error()


NUMBER = "4888438"
"""Of the report in the recorded launch."""

TEMPLATE = "91078695"
"""That the recorded call launched it from."""


class Reports:
    """A platform that launches the recorded report; the first time that it is asked for, it is not ready. `asked` are
    the actions."""

    def __init__(self, report: str) -> None:
        self.report = recorded(report)[0]
        self.waits = recorded(NOT_READY)
        self.asked: list[str] = []
        self.launched: dict[str, str] = {}

    @property
    def answers(self) -> Mapping[str, Answer]:
        told = f"<REPORT_TEMPLATE><ID>{TEMPLATE}</ID><TITLE>Weekly</TITLE><TEMPLATE_TYPE>Scan</TEMPLATE_TYPE>"
        templates = f"<REPORT_TEMPLATE_LIST>{told}</REPORT_TEMPLATE></REPORT_TEMPLATE_LIST>".encode()
        return {
            TEMPLATES.path: Recorded(200, templates, {"Date": "Tue, 12 Dec 2017 09:59:59 GMT"}),
            scan_report.FEED.resource.path.format(version="2.0"): self._answer,
        }

    def _answer(self, params: Mapping[str, str]) -> Recorded:
        action = params["action"]
        self.asked.append(action)
        if action == "launch":
            self.launched = dict(params)
            return recorded(LAUNCH)[0]
        if action == "fetch":
            assert params["id"] == NUMBER
            return self.waits.pop() if self.waits else self.report
        if action == "list":
            return _said("REPORT_LIST_OUTPUT", "")
        return _said("SIMPLE_RETURN", "<TEXT>Report deleted</TEXT>")


def _said(root: str, told: str) -> Recorded:
    when = "<DATETIME>2017-12-12T10:00:00Z</DATETIME>"
    return Recorded(200, f"<{root}><RESPONSE>{when}{told}</RESPONSE></{root}>".encode())


@pytest.mark.parametrize("name", [REPORT, EMPTY])
def test_a_recorded_report_is_launched_waited_for_fetched_and_deleted(site: Site, tmp_path: Path, name: str) -> None:
    feed, reports = of(site, "scan_report"), Reports(name)
    choose(feed, "reports", report_templates="Weekly", report_poll_seconds="1", report_details="1")
    code, _ = run_against(feed, tmp_path, reports.answers)
    assert (code, feed.lines("ERROR"), feed.lines("WARNING")) == (0, [], [])
    assert [each for each in reports.asked if each != "list"] == ["launch", "fetch", "fetch", "delete"]
    assert (reports.launched["template_id"], reports.launched["output_format"]) == (TEMPLATE, "xml")
    compare(rows(feed), name, report_id=int(NUMBER))


def test_recorded_reports_are_read_from_disk(site: Site, tmp_path: Path) -> None:
    feed, folder = of(site, "scan_report"), tmp_path / "reports"
    folder.mkdir()
    for name in (REPORT, EMPTY):
        (folder / Path(name).name).symlink_to(SAMPLES / name)
    choose(feed, "reports", report_templates="", report_file=str(folder), report_details="1")
    code, platform = run_against(feed, tmp_path, {})
    assert (code, feed.lines("ERROR"), platform.requests) == (0, [], [])
    compare(rows(feed), REPORT, report_file=Path(REPORT).name)


OF_FINDING = {
    "status": "VULN_STATUS",
    **{
        name: name.upper()
        for name in ("qid", "type", "port", "protocol", "ssl", "first_found", "last_found", "times_found", "result")
    },
}
OF_DETAILS = {
    "description": "THREAT",
    **{name: name.upper() for name in ("title", "severity", "category", "last_update", "impact", "solution")},
}
LISTS = {"cve": "CVE_ID_LIST/CVE_ID", "bugtraq": "BUGTRAQ_ID_LIST/BUGTRAQ_ID"}


def compare(found: list[tuple[float, dict[str, Any]]], name: str, **always: Any) -> None:
    """One event for each finding, in their order, with what host, finding, glossary and header say."""
    root = etree.fromstring(body(name))
    known = {each.get("id"): each for each in root.iterfind("GLOSSARY/VULN_DETAILS_LIST/VULN_DETAILS")}
    risks = {text(each, "IP_ADDRESS"): text(each, "SECURITY_RISK") for each in root.iterfind("RISK_SCORE_PER_HOST/*")}
    pairs = [(host, each) for host in root.iterfind("HOST_LIST/HOST") for each in host.iterfind("VULN_INFO_LIST/*")]
    assert len(found) == len(pairs) == {REPORT: 301, EMPTY: 0}[name]
    head = {"report_generated": text(root, "HEADER/GENERATION_DATETIME"), **always}
    head["report_template"] = text(root, "HEADER/TEMPLATE")
    for (time, told), (host, finding) in zip(found, pairs):
        details = known[finding.find("QID").get("id")]
        assert {each: told.get(each) for each in head} == head
        wanted = {
            **{each: text(host, each.upper()) for each in ("ip", "dns", "netbios", "operating_system")},
            **{each: text(finding, path) for each, path in OF_FINDING.items()},
            **{each: text(details, path) for each, path in OF_DETAILS.items()},
            "security_risk": risks.get(text(host, "IP"), ""),
        }
        assert {each: str(told.get(each, "")) for each in wanted} == wanted
        for each, path in LISTS.items():
            assert told.get(each, []) == [text(one, "ID") for one in details.iterfind(path)]
        assert time == float(epoch(text(finding, "LAST_FOUND")) or epoch(head["report_generated"]))


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name in REFUSED for sample in REFUSED[name]])
def test_an_error_that_was_recorded_ends_the_pull_at_its_first_call(
    site: Site, tmp_path: Path, name: str, sample: str
) -> None:
    """An account locks when refused credentials are repeated."""
    outcome, said = ERRORS[sample]
    feed = of(site, name)
    code, platform = run_against(feed, tmp_path, {ANY: recorded(sample)[-1]})
    assert (code, feed.raw, len(platform.requests)) == (1, [], 1)
    assert feed.state["outcome"] == outcome
    assert said in feed.error()
