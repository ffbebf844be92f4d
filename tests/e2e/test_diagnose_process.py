"""The diagnosis in the built add-on, at a terminal and by an account's row: which way the token goes, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from standins.splunk.eai import Entry
from standins.splunk.errors import StandinError
from support.diagnosis import STAGES, diagnose, rows, stages, told
from support.e2e import REST, Site
from support.files import holding, read_only, spellings
from support.guarded import SECRETS, USER, guarded
from support.page import closed_port


def test_a_person_reads_one_line_each(site: Site) -> None:
    site.qualys.faults.set("knowledge:secureid")
    found = diagnose(site, "--server-uri", site.splunk.management_url, "--account", "demo")
    assert (found.code, found.stderr) == (1, "")
    first, _, *lines, _, last = found.stdout.splitlines()
    assert first.startswith("TA-QualysCloudPlatform 2.0.0, 20")
    assert sorted({line[:9].strip() for line in lines}) == ["failed", "left out", "ok"]
    assert [line[10:].split("  ")[0] for line in lines if line.startswith("left out")] == ["Proxy"]
    (bad,) = [line for line in lines if line.startswith("failed ")]
    assert bad.startswith("failed    API: knowledge base    /api/4.0/fo/knowledge_base/vuln/ answered: 2011 SecureID")
    assert " -> Allow this user the API in Qualys" in bad
    assert last == "1 failed (api_knowledge_base)"
    assert "(diagnosis demo) INFO: Diagnosis by " in site.splunk.log()
    assert site.splunk.log().count("\n") == 1
    assert not site.tmp.exists(), "it leaves nothing behind"


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        ("policy:unlicensed", "api_policy_list", "/api/5.0/fo/compliance/policy/ answered: 2012 "),
        ("posture:unlicensed", "api_posture_info", "/api/2.0/fo/compliance/posture/info/ answered: 2012 "),
        ("was_finding:no_permission", "api_was_findings", "/qps/rest/3.0/search/was/finding answered: UNAUTHORIZED "),
        ("was_finding:invalid_credentials", "api_was_findings", "INVALID_CREDENTIALS Authentication failed."),
    ],
)
def test_a_module_that_is_refused(site: Site, fault: str, name: str, said: str) -> None:
    """At a terminal and in the row the same: one line, and what to do."""
    site.qualys.faults.set(f"{fault}*2")
    found = told(site)
    assert (found.code, found.not_ok()) == (1, {name: "failed"})
    assert said in found.lines[name]["found"]
    assert found.lines[name]["todo"]
    (shown,) = [line for line in rows(site) if line["verdict"] == "failed"]
    assert {part: shown[part] for part in ("name", "found", "todo")} == {
        part: found.lines[name][part] for part in ("name", "found", "todo")
    }


def test_a_folder_that_is_closed(site: Site) -> None:
    with read_only(site.checkpoints):
        found = told(site, puppet={"humble": True})
    assert (found.code, found.not_ok()) == (1, {"checkpoints": "failed"})
    assert "the user that runs splunkd" in found.lines["checkpoints"]["todo"]


def test_which_account(site: Site) -> None:
    site.splunk.post(REST.format("account"), **{**site.account, "name": "second", "skip_test": "1"})
    several = told(site)
    assert several.not_ok() == {"settings": "failed"}
    assert "there are several (demo, second); choose one." in several.lines["settings"]["found"]


def test_no_token_a_wrong_one_and_one_in_the_arguments(site: Site) -> None:
    wrong = told(site, token="who knows")
    assert (wrong.code, wrong.not_ok()) == (1, {"session": "failed"})
    assert "token" in wrong.lines["session"]["todo"]
    assert wrong.verdicts["checkpoints"] == "ok", "what needs no session is told"
    secret = site.splunk.splunkd.sessions.issue("admin")
    in_argv = told(site, secret)
    assert (in_argv.code, in_argv.stdout) == (2, "")
    assert "standard input" in in_argv.stderr
    assert secret not in in_argv.stderr
    assert told(site, token=" ").code == 2


def test_no_splunkd_is_no_refused_session(site: Site) -> None:
    nobody = f"https://127.0.0.1:{closed_port()}"
    found = told(site, "--server-uri", nobody)
    line = found.lines["session"]
    assert (found.code, found.not_ok()) == (1, {"session": "failed"})
    assert line["found"] == f"splunkd cannot be reached at {nobody} (ConnectionError)."
    assert "--server-uri" in line["todo"]
    assert "token" not in line["todo"]


def test_no_secret_gets_out(site: Site, tmp_path: Path) -> None:
    token = site.splunk.splunkd.sessions.issue("admin")
    with guarded(site, tmp_path / "platform"):
        found = told(site, token=token)
        shown = rows(site)
    assert (found.code, found.not_ok()) == (0, {})
    assert "our client certificate was accepted" in found.lines["tls"]["found"]
    secrets = {token}.union(*(spellings(secret, USER) for secret in SECRETS.values()))
    said = found.stdout + found.stderr + str(shown) + site.splunk.log() + site.splunk.log("splunkd.log")
    assert [secret for secret in secrets if secret in said] == []
    assert holding(site.splunk.home, *secrets) == []


def test_the_row_tells_the_same_stage_by_stage(site: Site) -> None:
    assert tuple(stages(site).split(",")) == STAGES
    site.qualys.faults.set("about:unauthorized*2")
    shown = {line["name"]: line["verdict"] for line in rows(site)}
    assert shown == told(site).verdicts
    assert "(account demo) INFO: Diagnosis by admin, login: 1 failed (credentials)" in site.splunk.log()


def test_what_failed_in_an_earlier_stage_is_not_tried_again(site: Site) -> None:
    answer = site.splunk.post(f"{REST.format('diagnosis')}/demo", stage="login", broken="tls,nonsense")
    assert '"because of: TLS"' in answer["entry"][0]["content"]["lines"]
    assert site.qualys.requests[site.calls_before :] == []


@pytest.mark.parametrize(
    ("account", "stage", "words"),
    [("nobody", "way", "There is no account nobody."), ("demo", "all", "There is no stage 'all'")],
)
def test_what_is_not_there_cannot_be_diagnosed(site: Site, account: str, stage: str, words: str) -> None:
    with pytest.raises(StandinError, match=words):
        site.splunk.post(f"{REST.format('diagnosis')}/{account}", stage=stage)


def test_who_may_not_edit_an_account_may_not_log_in_with_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entry, "access", lambda _: {"can_write": False, "perms": {"read": ["*"], "write": ["admin"]}})
    with pytest.raises(StandinError, match="You may not edit the account demo"):
        site.splunk.post(f"{REST.format('diagnosis')}/demo", stage="login")
    assert site.qualys.requests[site.calls_before :] == []
