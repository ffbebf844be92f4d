"""The Configuration page: accounts that are tested before they are saved, and the tabs of settings."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support.browser import CONFIGURATION, Visitor
from support.e2e import REST
from support.page import account_form, content, names, secrets

SETTINGS = REST.format("settings")
REFUSED = "Extra API parameters: id_min is not allowed: the add-on pages through the hosts by their ids"


def _fill(visitor: Visitor, qualys: QualysStandin, **changed: str) -> None:
    form = account_form(qualys, **changed)
    visitor.enter_choice("api_server", form.pop("api_server"))
    visitor.enter(**form)


def test_an_account_is_saved_only_if_it_can_log_in(
    visitor: Visitor, splunk: SplunkStandin, qualys: QualysStandin
) -> None:
    visitor.open(CONFIGURATION)
    visitor.press("Add")
    expect(visitor.entry("api_server")).to_have_value("https://qualysapi.qualys.com (Qualys US Platform 1)")
    _fill(visitor, qualys, password="wrong")
    visitor.dialog.get_by_role("button", name="Add").click()
    visitor.reads_refusal("The user name or password is wrong.")
    visitor.keep("an_account_that_is_refused")
    assert names(splunk) == []
    visitor.enter_choice("api_server", qualys.url.replace("https", "http"))
    visitor.dialog.get_by_role("button", name="Add").click()
    visitor.reads_refusal("credentials are never sent over plain http")
    assert visitor.refused == ["POST TA_QualysCloudPlatform_account"], "the form itself refused the second"
    _fill(visitor, qualys)
    visitor.dialog.get_by_role("button", name="Add").click()
    visitor.reads('Created "acme"')
    expect(visitor.row("acme")).to_contain_text(qualys.username)
    assert secrets(splunk) == {"acme": {"password": qualys.password}}


def test_an_edit_needs_no_password(visitor: Visitor, splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))
    tests = len(qualys.requests)
    visitor.open(CONFIGURATION)
    visitor.row("acme").get_by_label("Edit").click()
    expect(visitor.entry("name")).to_be_disabled()
    expect(visitor.entry("password")).to_have_value("******")
    visitor.enter(ca_bundle="/no/such.pem")
    visitor.press("Update")
    visitor.reads_refusal("/no/such.pem")
    visitor.enter(ca_bundle=qualys.ca)
    visitor.press("Update")
    visitor.reads('Updated "acme"')
    assert [request.status for request in qualys.requests[tests:]] == [200]
    assert secrets(splunk) == {"acme": {"password": qualys.password}}


def test_an_account_is_deleted_with_its_secrets(visitor: Visitor, splunk: SplunkStandin, qualys: QualysStandin) -> None:
    splunk.post(REST.format("account"), **account_form(qualys))
    visitor.open(CONFIGURATION)
    visitor.row("acme").get_by_label("Delete").click()
    visitor.press("Delete")
    expect(visitor.row("acme")).to_have_count(0)
    assert (names(splunk), secrets(splunk)) == ([], {})


def test_detection_fields_and_extra_parameters(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("vm")
    expect(visitor.field("log_host_details_in_detections")).to_contain_text("Recommended above 50,000 hosts")
    expect(visitor.field("detection_params")).to_contain_text("ids, id_min, id_max: the add-on pages through the hosts")
    visitor.choose("detection_fields_to_log", "RESULTS", "QDS")
    visitor.enter(detection_params="ag_titles=Servers&id_min=7")
    visitor.press("Save")
    visitor.reads_refusal(REFUSED)
    assert "RESULTS" not in content(splunk, f"{SETTINGS}/vm")["detection_fields_to_log"]
    visitor.enter(detection_params="ag_titles=Servers")
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/vm")
    assert saved["detection_fields_to_log"].endswith("AFFECT_RUNNING_KERNEL,RESULTS,QDS")
    assert saved["detection_params"] == "ag_titles=Servers"
    visitor.tab("vm")
    expect(visitor.entry("detection_params")).to_have_value("ag_titles=Servers")
    expect(visitor.field("detection_fields_to_log")).to_contain_text("QDS")


def test_hosts_and_findings_are_chosen_by_fields(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("vm")
    visitor.enter(ag_titles="Servers, Büro Köln", severities="4,7", tag_set_include="7650000", qids="105311")
    visitor.field("tag_set_by").get_by_text("Id", exact=True).click()
    visitor.field("tag_include_selector").get_by_text("All of them", exact=True).click()
    visitor.press("Save")
    visitor.reads_refusal("Severities: '7' does not look like severities from 1 to 5, such as 4,5 or 3-5.")
    visitor.enter(severities="4,5", detection_params="ag_ids=400")
    visitor.press("Save")
    visitor.reads_refusal("Asset groups (titles): Extra API parameters (setting detection_params) hold ag_ids; choose")
    visitor.keep("hosts_and_findings_refused")
    visitor.enter(detection_params="", include_search_list_titles="Tickets")
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/vm")
    chosen = {
        "ag_titles": "Servers,Büro Köln",
        "severities": "4,5",
        "qids": "105311",
        "tag_set_by": "id",
        "tag_set_include": "7650000",
        "tag_include_selector": "all",
        "tag_exclude_selector": "any",
        "include_search_list_titles": "Tickets",
    }
    assert {name: saved[name] for name in chosen} == chosen
    visitor.tab("vm")
    expect(visitor.entry("severities")).to_have_value("4,5")


OUT_OF_LIMITS = "Parallel downloads must be a whole number from 1 to 10."


def test_policy_compliance_refuses_what_the_add_on_asks_itself(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("pc")
    expect(visitor.field("log_individual_compliance_events")).to_contain_text("does not pull the SCAP information")
    expect(visitor.field("extra_posture_params")).to_contain_text("id_min, id_max: the add-on pages through")
    visitor.enter(extra_posture_params="policy_ids=1001&id_min=7")
    visitor.press("Save")
    visitor.reads_refusal("Extra API parameters: id_min is not allowed: the add-on pages through the posture")
    visitor.keep("policy_compliance_refused")
    visitor.enter(extra_posture_params="policy_ids=1001,1002&control_ids=1071")
    visitor.tick_box("pc_details")
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/pc")
    assert (saved["extra_posture_params"], saved["pc_details"]) == ("policy_ids=1001,1002&control_ids=1071", "1")
    visitor.tab("pc")
    expect(visitor.entry("extra_posture_params")).to_have_value("policy_ids=1001,1002&control_ids=1071")


LINES = """<filters>
  <Criteria field="severity" operator="GREATER">3</Criteria>
  <Criteria field="{}" operator="EQUALS">{}</Criteria>
</filters>"""


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (LINES.format("id", "5"), "Extra filter: line 3, column 3: id is not allowed: the add-on pages through"),
        (LINES.format("qid", "abc"), "Extra filter: line 3, column 3: qid EQUALS wants a whole number, not 'abc'."),
        ("<filters>\n  <Criteria", "Extra filter: line 2, column 3: unclosed token."),
    ],
    ids=["forbidden", "value", "no XML"],
)
def test_web_applications_refuse_a_filter_by_line_and_column(
    visitor: Visitor, splunk: SplunkStandin, filters: str, said: str
) -> None:
    visitor.tab("was")
    expect(visitor.field("extra_was_params")).to_contain_text("id: the add-on pages through the findings by their ids")
    visitor.enter(extra_was_params=filters)
    visitor.press("Save")
    visitor.reads_refusal(said)
    allowed = LINES.format("webApp.tags.name", "R&amp;D")
    visitor.enter(extra_was_params=allowed)
    visitor.choose("finding_fields_to_log", "payload")
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/was")
    assert saved["extra_was_params"].split() == allowed.split()
    assert saved["finding_fields_to_log"].endswith(",payload")


@pytest.mark.parametrize(("tab", "name"), [("pc", "num_threads_for_pc"), ("was", "num_threads_for_was")])
def test_downloads_at_once_have_limits(visitor: Visitor, splunk: SplunkStandin, tab: str, name: str) -> None:
    visitor.tab(tab)
    for number in ("0", "11"):
        visitor.enter(**{name: number})
        visitor.press("Save")
        visitor.reads_refusal(OUT_OF_LIMITS)
    visitor.enter(**{name: "10"})
    visitor.press("Save")
    visitor.reads("Updated")
    assert content(splunk, f"{SETTINGS}/{tab}")[name] == "10"


def test_a_proxy_needs_a_host_and_a_port(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("proxy")
    visitor.tick_box("use_proxy")
    visitor.enter(proxy_server="proxy-1.corp.example")
    visitor.press("Save")
    visitor.reads_refusal("Port is missing: a proxy that is used needs a host and a port.")
    visitor.enter(proxy_port="3128", proxy_username="ann", proxy_password="sesame")
    visitor.press("Save")
    visitor.reads("Updated")
    saved = content(splunk, f"{SETTINGS}/proxy")
    told = {name: saved[name] for name in ("use_proxy", "proxy_server", "proxy_port", "proxy_password")}
    assert told == {
        "use_proxy": "1",
        "proxy_server": "proxy-1.corp.example",
        "proxy_port": "3128",
        "proxy_password": "******",
    }
    assert secrets(splunk) == {"proxy": {"proxy_password": "sesame"}}


def test_numbers_are_checked_by_the_form(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("api")
    visitor.enter(api_timeout="0")
    visitor.press("Save")
    visitor.reads_refusal("Timeout (seconds) must be a whole number from 1 to 86400.")
    visitor.enter(api_timeout="600")
    visitor.press("Save")
    visitor.reads("Updated")
    assert content(splunk, f"{SETTINGS}/api")["api_timeout"] == "600"


def test_the_log_level(visitor: Visitor, splunk: SplunkStandin) -> None:
    visitor.tab("logging")
    visitor.field("loglevel").get_by_text("DEBUG", exact=True).click()
    visitor.press("Save")
    visitor.reads("Updated")
    assert content(splunk, f"{SETTINGS}/logging")["loglevel"] == "DEBUG"


def test_every_tab_fits_into_the_window(visitor: Visitor) -> None:
    visitor.open(CONFIGURATION)
    for name in ("Proxy", "API", "Logging", "VM", "Knowledge Base", "WAS", "PC", "Account"):
        visitor.page.get_by_role("tab", name=name).click()
        expect(visitor.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
