"""Defects known from the vendor's add-on, each by its number, shown not to be ours in policy compliance and web
findings; see test_peer_defects for what the letters mean. And what a person meets who uses these two metrics."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from benchmarks.pythons import how_to_get, interpreter
from qualys_ta.errors import AuthError
from qualys_ta.model import Request, knows_nothing
from qualys_ta.populator.policy_posture_info import FEED, POSTURE
from qualys_ta.populator.was_fields import NAMES
from qualys_ta.splunk import state
from qualys_ta.spool import Asked
from qualys_ta.work.conversion import Converter, Recipe
from standins.qualys.exchange import Answer, Call
from support import e2e
from support.core import extracted, leaves, tag
from support.e2e import REST
from support.e2e_feeds import ComplianceSite, FeedSite, WebSite
from support.files import spellings
from support.guarded import SECRETS, USER, guarded
from support.page import choose, refusal
from support.posture import control, host, info, pc_settings, posture_answer, technology
from support.pulls import FORM, Answers, Said, client
from support.webapps import was_answer, was_events

LATER = {"clock": 61}
DAY_S = 86_400
NOON = "2026-03-01T12:00:00Z"
WEB_DETAILS = ",".join(NAMES)
SUMMARY = {ComplianceSite.name: "POLICY_SUMMARY", WebSite.name: "WAS_SUMMARY"}
RECORD = {ComplianceSite.name: "POSTURE_INFO", WebSite.name: "WAS_FINDING"}
MAIN = {ComplianceSite.name: "posture", WebSite.name: "was_finding"}
"""Metric -> what the platform's faults call its main list."""
WANTS_FILTER = 'WAS_FINDING: <b>&"quoted"</b>\' ]]> <Criteria field="id" operator="GREATER">1'


@pytest.fixture(scope="module")
def _platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("defects"), policies=6, controls=6, web_apps=6, web_findings=6) as site:
        yield site


@pytest.fixture(params=(ComplianceSite, WebSite), ids=lambda feed: str(feed.name))
def feed(_platform: e2e.Site, request: pytest.FixtureRequest) -> Iterator[FeedSite]:
    yield from _made(request.param, _platform)


@pytest.fixture
def pc(_platform: e2e.Site) -> Iterator[ComplianceSite]:
    yield from _made(ComplianceSite, _platform)


@pytest.fixture
def web(_platform: e2e.Site) -> Iterator[WebSite]:
    yield from _made(WebSite, _platform)


def _made(kind: type[FeedSite], platform: e2e.Site) -> Iterator[Any]:
    made = kind.of(platform)
    choose(made, "api", max_retries="0")  # what the platform refuses now it refuses a second later
    yield made
    sys.stdout.write(made.splunk.log())  # pytest shows it where the test failed


def kinds(feed: FeedSite) -> Counter[str]:
    """How many events of which kind the index holds."""
    return Counter(raw.partition(":")[0] for raw in feed.raw)


def again(feed: FeedSite, **puppet: Any) -> None:
    """The next pull, as a person asks for it, and nothing but its events in the index."""
    feed.splunk.clean()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert feed.tick(**{**LATER, **puppet}).returncode == 0


def small_pages(feed: FeedSite, threads: str = "1") -> None:
    """More downloads than two are more than the platform allows, so that some are refused and come again."""
    choose(feed, "api", max_retries="3" if int(threads) > 2 else "0")
    choose(feed, "pc", pc_truncation_limit="15", num_threads_for_pc=threads)
    choose(feed, "was", was_page_size="4", num_threads_for_was=threads)


def finished(feed: FeedSite, fact: str) -> list[str]:
    """What the line that ends a run says of a fact, for each run."""
    lines = [line for line in feed.lines("INFO") if line.startswith("Finished: ")]
    return [dict(part.partition("=")[::2] for part in line.split())[fact] for line in lines]


# Lost data.


def test_l2_the_checkpoint_is_the_platforms_time_wherever_the_server_stands(feed: FeedSite) -> None:
    """The server's local time was written as UTC: east of Greenwich, hours were never pulled."""
    zone = "XXX-14"
    feed.qualys.clock.set(NOON)
    choose(feed, "was", was_overlap_hours="0")
    assert feed.tick(zone=zone).returncode == 0
    assert feed.differences() == []
    assert feed.checkpoint["since"] == "2026-03-01T11:50:00Z"
    feed.qualys.clock.advance(60)
    feed.qualys.evaluate_policies()
    feed.qualys.web.rescan()
    again(feed, zone=zone)
    assert kinds(feed)[RECORD[feed.name]] > 10
    assert feed.differences("2026-03-01T11:50:00Z") == []


@pytest.mark.parametrize("fault", ["generic999", "expired", "wrong_root"])
def test_l3_an_error_with_status_200_is_no_empty_answer(feed: FeedSite, fault: str) -> None:
    """It counted as a policy without posture, got a summary of zeros, and the checkpoint moved on."""
    small_pages(feed)
    feed.qualys.faults.set(f"{MAIN[feed.name]}:{fault}*always@2")
    assert feed.tick().returncode == 1
    assert feed.error()
    assert kinds(feed)[SUMMARY[feed.name]] == 0
    assert feed.checkpoint["since"] == ""
    assert feed.checkpoint["open"]["next"]
    feed.qualys.faults.set()
    state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
    assert feed.tick(**LATER).returncode == 0
    assert feed.differences() == []


def test_l3_an_error_within_the_promised_root_is_one(tmp_path: Path) -> None:
    """Where it was never looked for."""
    said = tag("RESPONSE", leaves({"DATETIME": NOON, "CODE": "2000", "TEXT": "Bad Login/Password"}))
    ours = replace(client(Answers(Said(tag(POSTURE.root, said).encode())), tmp_path, []), resource=POSTURE)
    with pytest.raises(AuthError, match="2000 Bad Login/Password"):
        ours.fetch(Request("/posture/"))


def as_text(params: Mapping[str, str]) -> str:
    return " & ".join(sorted(f"{name}={text}" for name, text in params.items()))


def test_l4_parts_that_are_pulled_side_by_side_share_no_filter(web: WebSite) -> None:
    """One thread's ``id GREATER`` got into another's first call, which then missed all findings with smaller ids."""
    small_pages(web, "4")
    web.pull()
    assert web.differences() == []
    first, *others = (call.params for call in web.calls if call.status == 200)
    held = web.qualys.web_ledger.expected()
    start = sorted(held)[3]

    def pages(part: tuple[tuple[str, str], ...]) -> list[int]:
        """Behind which id each page of a part begins."""
        bounds = {name.partition(" ")[2]: int(text) for name, text in part}
        lowest, highest = bounds.get("GREATER", -1), bounds.get("LESSER", 1 << 62)
        ours = [each.id for each in held.values() if lowest < each.app_id < highest]
        return [start, *sorted(number for number in ours if number > start)[3:-1:4]]

    parts = {tuple((name, text) for name, text in call.items() if name.startswith("webApp.id")) for call in others}
    expected = [{**first, **dict(part), "id GREATER": str(after)} for part in parts for after in pages(part)]
    assert len(expected) > 6
    assert sorted(map(as_text, others)) == sorted(map(as_text, expected))


def test_l11_a_quiet_time_moves_the_checkpoint_too(feed: FeedSite) -> None:
    """It moved only where something was logged, so windows grew and grew."""
    feed.qualys.clock.set(NOON)
    choose(feed, "was", was_overlap_hours="1")
    feed.pull()
    before = feed.pull_later(7 * DAY_S)
    feed.pull_later(0)
    assert feed.raw == []
    assert feed.checkpoint["since"][:10] == "2026-03-08"
    assert before[:10] == "2026-03-01"


def test_l12_findings_of_a_scan_that_took_long_are_pulled(web: WebSite) -> None:
    """They bear the time of their test, which lies before the pull that could not see them yet."""
    web.pull()
    web.qualys.clock.advance(3600)
    web.qualys.web.rescan(lag_s=20 * 3600)
    before = set(web.qualys.web_ledger.expected())
    since = web.pull_later(60)
    assert web.differences(since) == []
    tested = {int(dict(extracted(raw))["finding_id"]) for raw in web.raw if raw.startswith("WAS_FINDING")}
    assert tested == before, "each application was scanned"


def test_l12_how_long_a_scan_may_take_is_a_setting(web: WebSite) -> None:
    """So that a test with another outcome shows what the setting does."""
    choose(web, "was", was_overlap_hours="1")
    web.pull()
    web.qualys.clock.advance(3600)
    web.qualys.web.rescan(lag_s=20 * 3600)
    web.pull_later(60)
    assert kinds(web)["WAS_FINDING"] == 0


def test_l15_a_policy_that_was_never_evaluated_is_pulled(pc: ComplianceSite) -> None:
    """It raised for want of LAST_EVALUATED and was passed over, its posture with it."""
    (never,) = (each.id for each in pc.qualys.compliance_ledger.states() if each.evaluated_at is None)
    pc.pull()
    assert pc.differences() == []
    (told,) = (raw for raw in pc.raw if raw.startswith(f'POLICY_INFO: POLICY_ID="{never}"'))
    assert "LAST_EVALUATED_DATETIME" not in told
    assert 'LAST_MODIFIED_DATETIME="2' in told
    pc.qualys.clock.advance(3600)
    pc.qualys.evaluate_policies([never])
    since = pc.pull_later(60)
    assert pc.differences(since) == []
    assert kinds(pc)["POSTURE_INFO"] > 10
    assert kinds(pc)["POLICY_INFO"] == 1


def test_l18_evidence_is_read_on_every_python(pc: ComplianceSite) -> None:
    """It went with a method that Python 3.9 removed."""
    choose(pc, "pc", pc_extra_details="1")
    pc.pull()
    names = {name for raw in pc.raw if raw.startswith("POSTURE_INFO") for name, _ in extracted(raw)}
    assert {"EVIDENCE", "EVIDENCE_CURRENT_VALUE", "EVIDENCE_DPD_NAME", "CAUSE_OF_FAILURE_MISSING"} <= names
    ours = sorted(pc.raw)
    older = interpreter("3.9")
    if older is None:
        pytest.skip(how_to_get("3.9"))
    pc.fresh()
    choose(pc, "pc", pc_extra_details="1")
    assert pc.splunk.start(pc.name, python=older).wait(e2e.DEADLINE_S).returncode == 0
    assert sorted(pc.raw) == ours


# The same data twice.


def test_d5_one_summary_for_each_policy_and_pull(pc: ComplianceSite) -> None:
    """There was one for each page, of what that page held."""
    small_pages(pc, "4")
    pc.pull()
    assert len(pc.calls) > len(pc.qualys.compliance.ids)
    for change in (
        lambda: pc.qualys.evaluate_policies(),
        lambda: pc.qualys.modify_policies(pc.qualys.compliance.ids[:1], hosts=2, controls=1),
        lambda: pc.qualys.modify_policies(hosts=1),
    ):
        assert_one_each(pc, "POLICY_SUMMARY", "POLICY_ID")
        pc.qualys.clock.advance(60)
        change()
        since = pc.pull_later(3600)
        assert pc.differences(since) == []
    assert_one_each(pc, "POLICY_SUMMARY", "POLICY_ID")


def test_d5_d6_one_summary_for_each_web_application_and_pull_over_all_its_findings(web: WebSite) -> None:
    small_pages(web, "4")
    web.pull()
    app = web.qualys.web.app_ids[0]
    assert_one_each(web, "WAS_SUMMARY", "webapp_id")
    web.qualys.clock.advance(30 * DAY_S)
    web.qualys.web.rescan([app])
    since = web.pull_later(60)
    assert web.differences(since) == []
    assert_one_each(web, "WAS_SUMMARY", "webapp_id")
    assert kinds(web)["WAS_SUMMARY"] == 1


def assert_one_each(feed: FeedSite, kind: str, key: str) -> None:
    told = [dict(extracted(raw))[key] for raw in feed.raw if raw.startswith(kind)]
    assert sorted(set(told)) == sorted(told) != []


def test_d8_a_policy_that_was_modified_in_the_overlap_comes_whole_once(pc: ComplianceSite) -> None:
    pc.qualys.clock.set(NOON)
    pc.pull()
    pc.qualys.clock.advance(3600)
    pc.qualys.modify_policies(pc.qualys.compliance.ids[:1])
    since = pc.pull_later(60)
    assert pc.differences(since) == []
    pc.pull_later(60)
    assert kinds(pc)["POSTURE_INFO"] == 0


@pytest.mark.parametrize("step_s", [0, 540])
def test_d8_windows_that_overlap_bring_nothing_twice(feed: FeedSite, step_s: int) -> None:
    """Windows are inclusive and count in seconds; nothing was there to tell what had been read before."""
    feed.qualys.clock.set(NOON)
    came = Counter[str]()
    for number in range(3):
        if number < 2:
            feed.qualys.evaluate_policies()
            feed.qualys.web.rescan()
        since = feed.pull_later(step_s) if came else feed.pull() or ""
        came.update(raw for raw in feed.raw if "SUMMARY" not in raw.partition(":")[0])
        brought = {identity for identity in feed.wanted(since) if "SUMMARY" not in identity[0]}
        assert brought <= {feed.identity(raw) for raw in came}
    assert [raw for raw, count in came.items() if count > 1] == []


# Hangs and crashes.


def failing_for(qualys: Any, policy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every call for the posture of this policy ends with an error of the platform."""
    served = qualys._dispatcher._resources
    true_answer = served["posture"]

    def answer(call: Call) -> Answer:
        asked = call.params.get("policy_id", call.params.get("policy_ids", "")).split(",")
        return Answer.of(500, "", "text/html") if str(policy) in asked else true_answer(call)

    monkeypatch.setitem(served, "posture", answer)


@pytest.mark.parametrize("threads", ["1", "4"])
def test_h2_one_bad_policy_does_not_hang_the_input(
    pc: ComplianceSite, threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread ended without a word, and the others waited for it for ever."""
    small_pages(pc, threads)
    bad = sorted(pc.qualys.compliance.ids)[2]
    with monkeypatch.context() as spoiled:
        failing_for(pc.qualys, bad, spoiled)
        for clock in (0, 61):
            state.ask(pc.checkpoints, pc.name, state.RUN_NOW)
            assert pc.tick(clock=clock).returncode == 1, "and within the time that a start may take"
        first, second = pc.lines("ERROR")
        assert first == second
        assert "/posture/info/ answered: HTTP status 500" in first
        assert pc.checkpoint["open"]["next"]["params"] == {
            "policies_after": f"whole {sorted(pc.qualys.compliance.ids)[1]}"
        }
        told = {dict(extracted(raw))["POLICY_ID"] for raw in pc.raw if raw.startswith("POSTURE_INFO")}
        assert str(bad) not in told
        assert told, "what stands before it is written"
        assert kinds(pc)["POLICY_SUMMARY"] == 0
    assert pc.tick(clock=3700).returncode == 0
    assert pc.differences() == []
    assert pc.repeats == 0


def test_h10_empty_children_and_a_finding_of_no_web_application() -> None:
    """Each of them ended the run."""
    bare = tag("Finding", tag("id", "501"), *map(tag, ("qid", "name", "url", "status", "cwe", "resultList", "param")))
    lost = tag("Finding", leaves({"id": 502, "qid": 1, "name": "x"}))
    half = tag(
        "Finding", leaves({"id": 503}), tag("webApp", tag("id"), tag("name"), tag("tags", tag("list", tag("Tag"))))
    )
    found = [
        dict(extracted(event.text))
        for event in was_events(was_answer(bare, lost, half), finding_fields_to_log=WEB_DETAILS)
    ]
    assert [each["finding_id"] for each in found] == ["501", "502", "503"]
    assert (found[0]["name"], found[0]["status"]) == ("", "-")


@pytest.mark.parametrize("fault", ["invalid_request", "html", "no_last_id"])
def test_h11_without_the_list_of_web_applications_all_findings_come_all_the_same(web: WebSite, fault: str) -> None:
    """Any answer that could not be read raised an AttributeError, an error of the API looked like no applications."""
    small_pages(web, "3")
    web.qualys.faults.set(f"was_webapp:{fault}*always")
    web.pull()
    assert web.differences() == []
    assert web.repeats == 0
    (line,) = [line for line in web.lines("WARNING") if line.startswith("The web applications cannot be listed")]
    assert "/qps/rest/3.0/search/was/webapp" in line
    assert not any(name.startswith("webApp.id") for call in web.calls for name in call.params)


# Slow, heavy, costly.


@pytest.mark.parametrize(
    ("fields", "is_verbose"),
    [("webapp_name,url,param", False), ("webapp_name,cwe", True)],
)
def test_s6_pages_are_as_large_as_may_be_and_details_come_only_where_they_are_wanted(
    web: WebSite, fields: str, is_verbose: bool
) -> None:
    """Pages held 100 findings, each with all that the platform knows."""
    choose(web, "was", finding_fields_to_log=fields)
    web.pull()
    (call,) = web.calls
    asked = {name: text for name, text in call.params.items() if " " not in name}
    assert asked == {"limitResults": "1000", **({"verbose": "true"} if is_verbose else {})}


def joined_s(folder: Path, hosts: int) -> float:
    """CPU seconds to convert an answer about so many hosts, the better of two."""
    page = folder / f"{hosts}.xml"
    listed = "".join(host(number) for number in range(1, hosts + 1))
    explained = tag(
        "GLOSSARY", tag("HOST_LIST", listed), tag("CONTROL_LIST", control()), tag("TECHNOLOGY_LIST", technology())
    )
    page.write_bytes(posture_answer(*(info(each, HOST_ID=each) for each in range(1, hosts + 1)), explained=explained))
    recipe = Recipe(FEED.name, pc_settings(), "", FORM)
    took = []
    for _ in range(2):
        before = time.process_time()
        Converter(recipe, knows_nothing).convert(page, None, 1 << 30, Asked(POSTURE.name, {"policy_id": "7"}))
        took.append(time.process_time() - before)
    return min(took)


def test_s7_twice_the_hosts_take_twice_the_time(tmp_path: Path) -> None:
    """Each host was looked for in a list of all hosts."""
    few, many = joined_s(tmp_path, 2_000), joined_s(tmp_path, 16_000)
    assert many / few < 16, "eight times the hosts; quadratic would be 64"


def test_s11_policies_can_be_chosen_and_asked_for_together(pc: ComplianceSite) -> None:
    """policy_id was forbidden, and each call was for one policy."""
    chosen = sorted(pc.qualys.compliance.ids)[1:5]
    choose(pc, "pc", extra_posture_params=f"policy_ids={chosen[0]}-{chosen[2]},{chosen[3]}", pc_num_count_for_pid="3")
    pc.params = {"policy_ids": f"{chosen[0]}-{chosen[2]},{chosen[3]}"}
    pc.pull()
    assert pc.differences() == []
    listed = [call.params for call in pc.qualys.requests[pc.calls_before :] if "/policy/" in call.path]
    assert {call["ids"] for call in listed} == {pc.params["policy_ids"]}
    asked = sorted(call.params["policy_ids"] for call in pc.calls if "policy_ids" in call.params)
    assert asked == [",".join(map(str, chosen[:3]))]
    assert [call.params.get("policy_id") for call in pc.calls if "policy_ids" not in call.params] == [str(chosen[3])]
    assert not any("truncation_limit" in call.params for call in pc.calls if "policy_ids" in call.params)


# Security.


def test_x12_what_a_person_filters_by_reaches_the_platform_as_it_is(web: WebSite) -> None:
    """Values were put into XML as they were: a quote broke the call, a bracket could say anything."""
    criterion = f'<Criteria field="name" operator="CONTAINS">{escape(WANTS_FILTER)}</Criteria>'
    other = '<Criteria field="webApp.name" operator="NOT EQUALS">Müller &amp; Söhne &lt;b&gt;</Criteria>'
    web.splunk.post(f"{REST.format('settings')}/was", extra_was_params=f"<filters>{criterion}{other}</filters>")
    web.pull()
    (call,) = web.calls
    assert call.params["name CONTAINS"] == WANTS_FILTER
    assert call.params["webApp.name NOT EQUALS"] == "Müller & Söhne <b>"
    ours = {"limitResults", "verbose", "lastTestedDate GREATER"}
    assert set(call.params) - ours == {"name CONTAINS", "webApp.name NOT EQUALS"}
    assert web.raw == []


def test_x12_parameters_of_posture_reach_the_platform_as_they_are(pc: ComplianceSite) -> None:
    hostile = "&policy_id=1&x=<y>\"'#%;+ é"
    quoted = "tag_set_include=%26policy_id%3D1%26x%3D%3Cy%3E%22%27%23%25%3B%2B%20%C3%A9&use_tags=1&tag_set_by=name"
    pc.splunk.post(f"{REST.format('settings')}/pc", extra_posture_params=quoted)
    pc.tick()
    assert {call.params["tag_set_include"] for call in pc.calls} == {hostile}
    assert not any("x" in call.params for call in pc.calls)


def test_secrets_are_neither_logged_nor_left_on_disk(feed: FeedSite, tmp_path: Path) -> None:
    """X4, X5: password, key and proxy login, in whatever spelling; every page kept, every line logged."""
    choose(feed, "api", preserve_api_output="1", max_retries="1")
    with guarded(feed, tmp_path / "platform") as platform:
        platform.faults.set(f"{MAIN[feed.name]}:html@1")
        run = feed.tick()
        assert run.returncode == 0, feed.lines("ERROR")
        state.ask(feed.checkpoints, feed.name, state.RUN_NOW)
        platform.faults.set(f"{MAIN[feed.name]}:unauthorized*always")
        refused = feed.tick(**LATER)
        assert refused.returncode in (0, 1)
    places = [*feed.tmp.rglob("*"), *feed.checkpoints.rglob("*"), *feed.splunk.home.glob("var/log/splunk/*")]
    said = "".join(path.read_text("utf-8", "replace") for path in places if path.is_file())
    assert [part for part in ("Finished: ", "<?xml", '"checkpoints"') if part not in said] == []
    keys = feed.splunk.splunkd.sessions._users
    secrets = {*keys}.union(*(spellings(secret, USER) for secret in SECRETS.values()))
    texts = (said, run.stderr, refused.stderr, "".join(feed.raw))
    assert [secret for secret in secrets for text in texts if secret in text] == []


# Field quality.


def normalised(text: str) -> str:
    return text.translate(str.maketrans({'"': "'", "\n": " ", "\r": " ", "\t": " "})).strip()


def same(told: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    """White space counts, but where a line ended: the platform does so in two ways, and the ledger knows of one."""
    return all(
        told[name].split() == normalised(text).split() if "\n" in text else told[name] == normalised(text)
        for name, text in expected.items()
    )


POSTURE_TEXTS = ("STATUS", "POSTURE_MODIFIED_DATE", "REMEDIATION", "INSTANCE", "EVALUATION_DATE", "PREVIOUS_STATUS")
OF_HOST = {"HOST_IP": "IP", "HOST_DNS": "DNS", "HOST_NETBIOS": "NETBIOS", "HOST_OS": "OS"}
OF_CONTROL = {
    "CONTROL_STATEMENT": "STATEMENT",
    "CONTROL_REFERENCE": "REFERENCE",
    "CRITICALITY_LABEL": "CRITICALITY/LABEL",
    "CRITICALITY_VALUE": "CRITICALITY/VALUE",
}


def test_q1_q2_q3_what_splunk_extracts_of_posture_is_what_the_platform_said(pc: ComplianceSite) -> None:
    """Quotes ended a value and made fields of what followed; letter case and lines were changed at will."""
    choose(pc, "pc", pc_extra_details="1")
    pc.pull()
    held = {
        each: one for policy in pc.qualys.compliance_ledger.expected().values() for each, one in policy.postures.items()
    }
    compared = 0
    for raw in (raw for raw in pc.raw if raw.startswith("POSTURE_INFO")):
        pairs = extracted(raw)
        told = dict(pairs)
        assert len(told) == len(pairs), "no field twice"
        assert all(re.fullmatch(r"[A-Z_]+", name) for name in told), "none that the platform made"
        posture = held.pop(int(told["POSTURE_ID"]))
        expected = {
            **{name: posture.elements[name] for name in POSTURE_TEXTS if name in posture.elements},
            **{name: posture.host[path] for name, path in OF_HOST.items() if path in posture.host},
            **{name: posture.control[path] for name, path in OF_CONTROL.items() if path in posture.control},
            "TECHNOLOGY_NAME": posture.technology["NAME"],
        }
        assert same(told, expected), raw
        compared += any('"' in text or "\n" in text for text in expected.values())
    assert held == {}
    assert compared > 10


def test_q1_q2_q3_what_splunk_extracts_of_findings_is_what_the_platform_said(web: WebSite) -> None:
    choose(web, "was", finding_fields_to_log=WEB_DETAILS)
    web.pull()
    held = web.qualys.web_ledger.expected()
    plain = ("name", "url", "param", "type", "severity", "uniqueId", "ignoredComment", "severityComment")
    compared = 0
    for raw in (raw for raw in web.raw if raw.startswith("WAS_FINDING")):
        pairs = extracted(raw)
        told = dict(pairs)
        assert len(told) == len(pairs), "no field twice"
        assert told.keys() <= {*NAMES, "webapp_id", "webapp_name", "webapp_url"}, "none that a scanned site made"
        elements = held[int(told["finding_id"])].elements
        expected = {name: elements[name] for name in plain if name in elements}
        expected.update({f"webapp_{name}": elements[f"webApp/{name}"] for name in ("name", "url")})
        assert same(told, expected), raw
        sent = elements.get("resultList/list/Result/payloads/list/PayloadInstance/payload", "")
        compared += '"' in sent
        assert bool(sent) == ("payload" in told)
    assert compared > 3


# What the platform does not heed, and whom it does not let in.


def test_filters_that_the_platform_ignores_hold_all_the_same(pc: ComplianceSite) -> None:
    expected = next(iter(pc.qualys.compliance_ledger.expected().values())).postures
    of_host, of_control = (
        Counter(posture.elements[name] for posture in expected.values()).most_common(2)
        for name in ("HOST_ID", "CONTROL_ID")
    )
    params = {
        "status": "Failed,Passed",
        "host_ids": ",".join(name for name, _ in of_host),
        "control_ids": ",".join(name for name, _ in of_control),
    }
    choose(pc, "pc", extra_posture_params="&".join(f"{name}={text}" for name, text in params.items()))
    pc.params = params
    pc.qualys.faults.set("posture:ignore_filters*always")
    before = sum(pc.qualys.compliance_ledger.served.values())
    pc.pull()
    assert pc.differences() == []
    kept = kinds(pc)["POSTURE_INFO"]
    assert kept > 3
    assert kinds(pc)["POLICY_SUMMARY"] == 0
    left_out = sum(pc.qualys.compliance_ledger.served.values()) - before - kept
    assert left_out > 50
    assert finished(pc, "left_out") == [str(left_out)]
    (line,) = [line for line in pc.lines("WARNING") if line.startswith("Left out")]
    assert re.fullmatch(
        r"Left out posture \d+: extra_posture_params filters it out, and the platform sent it all the same\. "
        r"More of the kind are counted, not logged\.",
        line,
    )


def test_who_pulls_some_statuses_gets_no_summary(pc: ComplianceSite) -> None:
    """It could not be right."""
    choose(pc, "pc", extra_posture_params="status=Failed")
    pc.params = {"status": "Failed"}
    pc.pull()
    assert pc.differences() == []
    assert kinds(pc).keys() == {"POLICY_INFO", "POSTURE_INFO"}


REFUSED_LOGINS = [
    (ComplianceSite, "policy:unlicensed", r"/policy/ answered: 2012 .*not authorized.*may not use this API\. .*PC"),
    (ComplianceSite, "posture:unlicensed", r"/posture/info/ answered: 2012 .*may not use this API\."),
    (WebSite, "was_finding:no_permission", r"/finding answered: UNAUTHORIZED .*lacks the module\. .*module WAS"),
    (WebSite, "was_finding:invalid_credentials", r"/finding answered: INVALID_CREDENTIALS .*is wrong\."),
    (WebSite, "was_webapp:invalid_credentials", r"/webapp answered: INVALID_CREDENTIALS .*is wrong\."),
]


@pytest.mark.parametrize(
    ("feed", "fault", "sentence"), REFUSED_LOGINS, ids=[fault for _, fault, _ in REFUSED_LOGINS], indirect=["feed"]
)
def test_h3_who_is_not_let_in_tries_once_and_says_why(feed: FeedSite, fault: str, sentence: str) -> None:
    """Accounts lock: not before somebody saved the account is it used again. Calls for posture go side by side, so one
    more may be on its way when the first is refused."""
    small_pages(feed, "2")
    feed.qualys.faults.set(f"{fault}*always")
    assert feed.tick().returncode == 1
    assert re.search(sentence, feed.error())
    assert feed.state["outcome"] == "held"
    assert kinds(feed)[SUMMARY[feed.name]] == 0
    refused = [call for call in feed.qualys.requests[feed.calls_before :] if call.fault]
    assert len(refused) == 1 or fault.startswith("posture")
    assert len(refused) < 4
    before = len(feed.qualys.requests)
    feed.tick(clock=2 * DAY_S)
    assert len(feed.qualys.requests) == before


@pytest.mark.parametrize(
    ("fault", "own", "outcome", "sentence"),
    [
        (
            "invalid_request",
            "",
            "later",
            r"/finding answered: INVALID_REQUEST Criteria: Invalid value format.*webApp\.id",
        ),
        ("invalid_request", '<Criteria field="webApp.id" operator="GREATER">0</Criteria>', "held", r"extra_was_params"),
        ("no_last_id", "", "later", r"/finding has more records, after id '', although .* stays as .*\.errored\."),
    ],
    ids=["our criteria", "theirs", "no last id"],
)
def test_a_refused_search_names_what_a_person_can_change(
    web: WebSite, fault: str, own: str, outcome: str, sentence: str
) -> None:
    choose(web, "was", extra_was_params=own)
    web.qualys.faults.set(f"was_finding:{fault}*always")
    assert web.tick().returncode == 1
    assert re.search(sentence, web.error())
    assert (len(web.calls), web.state["outcome"]) == (1, outcome)
    assert web.raw == []


def criterion(field: str, operator: str, value: str) -> str:
    return f'<Criteria field="{field}" operator="{operator}">{value}</Criteria>'


REFUSED = [
    ("details=All", "the switches of this tab say what is asked for"),
    ("policy_id=7", "choose them by policy_ids"),
    ("truncation_limit=9", "it is a setting of its own on this tab"),
    ("status_changes_since=2024-01-01T00:00:00Z", "the checkpoint decides"),
    ("policy_ids=seven", "policy_ids: 'seven' is neither a number nor a range such as 5-9."),
    ("ips=10.0.0.x", "ips: '10.0.0.x' is no IP address, range or network."),
    (criterion("lastTestedDate", "GREATER", "2024"), "line 1, column 1: lastTestedDate is not allowed: the checkpoint"),
    (f"<filters>\n{criterion('id', 'IN', '1')}</filters>", "line 2, column 1: id is not allowed: the add-on pages"),
    (criterion("severity", "CONTAINS", "3"), "'CONTAINS' is no operator for severity; choose from EQUALS"),
    (criterion("severity", "IN", "3,high"), "wants a whole number, or several with commas between, not 'high'."),
    ("<filters><Criteria", "line 1, column 10: unclosed token. Write <filters>"),
    ("<filters>severity=3</filters>", "'severity=3' stands outside every Criteria."),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_l16_the_page_refuses_a_filter_that_cannot_work_and_says_why(
    pc: ComplianceSite, text: str, sentence: str
) -> None:
    """A forbidden word had the whole filter dropped without a word."""
    tab, name = ("was", "extra_was_params") if text.startswith("<") else ("pc", "extra_posture_params")
    assert sentence in refusal(pc.splunk, {name: text}, f"{REST.format('settings')}/{tab}")


# Settings.


def test_several_policies_per_call_bring_what_one_brings(pc: ComplianceSite) -> None:
    brought = []
    for policies in ("1", "4"):
        pc.fresh()
        choose(pc, "pc", pc_num_count_for_pid=policies, pc_extra_details="1")
        pc.pull()
        brought.append(sorted(pc.raw))
        assert len(pc.calls) == (6 if policies == "1" else 2)
    assert brought[0] == brought[1]


def test_after_some_days_everything_comes_again_and_counts_anew(feed: FeedSite) -> None:
    """Hosts that were purged leave the counts of policies that nobody changed, findings those of their application."""
    choose(feed, "pc", full_resync_days="1")
    choose(feed, "was", full_resync_days="1", was_overlap_hours="0")
    feed.pull()
    gone = sorted(feed.qualys.ledger.expected())[:2]
    feed.qualys.remove_hosts(gone)
    feed.qualys.clock.advance(DAY_S + 100)
    feed.splunk.clean()
    assert feed.tick(clock=DAY_S + 100).returncode == 0
    assert feed.differences() == []
    assert feed.repeats == 0
    assert kinds(feed)[SUMMARY[feed.name]] > 3
    kinds_of_pull = [
        line.partition("pull=")[2].split()[0] for line in feed.lines("INFO") if line.startswith("Started: ")
    ]
    assert kinds_of_pull == ["changes", "resync"], "the first one since the start date"


def test_who_starts_again_gets_all_of_it_and_right_counts(feed: FeedSite) -> None:
    feed.pull()
    once = sorted(feed.raw)
    feed.splunk.clean()
    feed.ask("start_again", since="1999-01-01T00:00:00Z")
    assert feed.tick(**LATER).returncode == 0
    assert feed.differences() == []
    assert sorted(feed.raw) == once


@pytest.mark.parametrize(
    ("feed", "tab", "switch", "left"),
    [
        (ComplianceSite, "pc", "log_individual_compliance_events", {"POLICY_INFO", "POLICY_SUMMARY"}),
        (ComplianceSite, "pc", "log_policy_summary", {"POLICY_INFO", "POSTURE_INFO"}),
        (WebSite, "was", "log_individual_findings", {"WAS_SUMMARY"}),
        (WebSite, "was", "log_webapp_summary", {"WAS_FINDING"}),
    ],
    indirect=["feed"],
)
def test_what_is_switched_off_is_not_written_and_nothing_else_changes(
    feed: FeedSite, tab: str, switch: str, left: set[str]
) -> None:
    """Q7: summaries were all zero where single records were off."""
    choose(feed, tab, **{switch: "0"})
    feed.pull()
    assert kinds(feed).keys() == left
    wanted = {identity for identity in feed.wanted("") if identity[0] in left}
    assert {feed.identity(raw) for raw in feed.raw} == wanted
