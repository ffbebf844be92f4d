"""The set-up pages' REST handlers in the built add-on, called through splunkd's stand-in as the pages call them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.errors import StandinError
from standins.tls import Authority
from support import page
from support.page import closed_port, content, secrets

APP = Path(__file__).resolve().parents[2] / "TA-QualysCloudPlatform"
ACCOUNT, SETTINGS, INPUTS, CHECKPOINT = (
    f"TA_QualysCloudPlatform_{name}" for name in ("account", "settings", "qualys", "checkpoint")
)
LONG = "x" * 700


@pytest.fixture(scope="module")
def qualys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys")) as standin:
        yield standin


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkStandin]:
    with SplunkStandin(tmp_path_factory.mktemp("splunk"), APP) as standin:
        yield standin


@pytest.fixture
def form(qualys: QualysStandin) -> dict[str, str]:
    """What the Account tab sends for an account that works."""
    return {
        "name": "prod",
        "api_server": qualys.url,
        "username": qualys.username,
        "password": qualys.password,
        "ca_bundle": qualys.ca,
    }


@pytest.fixture
def account(splunk: SplunkStandin, form: dict[str, str]) -> Iterator[str]:
    splunk.post(ACCOUNT, **form)
    yield f"{ACCOUNT}/prod"
    for entry in splunk.get(ACCOUNT)["entry"]:
        splunk.delete(f"{ACCOUNT}/{entry['name']}")


def refusal(splunk: SplunkStandin, path: str, **given: str) -> str:
    return page.refusal(splunk, given, path)


def bad_accounts(qualys: QualysStandin, folder: Path) -> dict[str, dict[str, str]]:
    """What is wrong -> what the form says then."""
    foreign = Authority.create(folder / "foreign")
    locked = qualys.authority.client_certificate("locked", passphrase="open sesame")
    other = qualys.authority.client_certificate("other")
    return {
        "wrong password": {"password": "wrong"},
        "unknown host": {"api_server": "https://qualysapi.invalid"},
        "nobody answers": {"api_server": f"https://127.0.0.1:{closed_port()}"},
        "unknown CA": {"ca_bundle": foreign.ca_path},
        "plain http": {"api_server": qualys.url.replace("https", "http")},
        "no CA file": {"ca_bundle": str(folder / "none.pem")},
        "no certificate": {"client_cert": str(folder / "none.crt")},
        "no key": {"client_cert": other.cert, "client_key": str(folder / "none.key")},
        "wrong passphrase": {"client_cert": locked.cert, "client_key": locked.key, "client_key_password": "sesame"},
        "other key": {"client_cert": other.cert, "client_key": qualys.authority.client_certificate("third").key},
    }


def test_what_does_not_work_is_told_apart_and_not_saved(
    splunk: SplunkStandin, qualys: QualysStandin, form: dict[str, str], tmp_path: Path
) -> None:
    cases = bad_accounts(qualys, tmp_path)
    told = {what: refusal(splunk, ACCOUNT, **{**form, **wrong}) for what, wrong in cases.items()}
    assert all(told.values())
    assert len(set(told.values())) == len(cases), told
    assert splunk.get(ACCOUNT)["entry"] == []
    assert secrets(splunk, "account") == {}
    assert not any(qualys.password in text for text in told.values())


@pytest.mark.parametrize(("fault", "words"), [("about:expired", "xpired"), ("about:unauthorized", "2000")])
def test_what_the_platform_refuses_is_not_saved(
    splunk: SplunkStandin, qualys: QualysStandin, form: dict[str, str], fault: str, words: str
) -> None:
    qualys.faults.set(fault)
    assert words in refusal(splunk, ACCOUNT, **form)
    qualys.faults.set()
    assert splunk.get(ACCOUNT)["entry"] == []


@pytest.mark.parametrize(
    ("name", "words"), [("a.b", "cannot name an account"), ("", "Name is missing"), ("_x", "cannot name")]
)
def test_names_that_solnlib_would_mix_up_are_refused(
    splunk: SplunkStandin, form: dict[str, str], name: str, words: str
) -> None:
    with pytest.raises(StandinError, match=words):
        splunk.post(ACCOUNT, **{**form, "name": name})


def test_a_good_account_is_saved_in_one_form_and_marks_the_add_on_configured(
    splunk: SplunkStandin, qualys: QualysStandin, account: str
) -> None:
    saved = content(splunk, account)
    assert saved["api_server"] == qualys.url
    assert saved["skip_test"] == "0"
    assert content(splunk, f"apps/local/{APP.name}")["configured"] is True
    assert secrets(splunk, "account") == {"prod": {"password": qualys.password}}


@pytest.mark.parametrize("query", [{}, {"--cred--": "1"}])
def test_no_secret_goes_back_to_a_browser(
    splunk: SplunkStandin, qualys: QualysStandin, account: str, query: dict[str, str]
) -> None:
    for path in (account, ACCOUNT):
        assert content(splunk, path, **query)["password"] == "******"
        assert qualys.password not in json.dumps(splunk.get(path, **query), ensure_ascii=False)


@pytest.mark.parametrize("typed", [{}, {"password": ""}, {"password": "******"}])
def test_an_edit_without_the_password_keeps_and_tests_it(
    splunk: SplunkStandin, qualys: QualysStandin, account: str, typed: dict[str, str]
) -> None:
    before, requests = content(splunk, account), len(qualys.requests)
    splunk.post(account, api_server=f"{qualys.url}/", **typed)
    after = content(splunk, account)
    assert secrets(splunk, "account") == {"prod": {"password": qualys.password}}
    assert [request.status for request in qualys.requests[requests:]] == [200]
    assert after["revision"] != before["revision"]
    assert {**after, "revision": ""} == {**before, "revision": ""}


def test_an_edit_that_fails_leaves_the_account_as_it_was(
    splunk: SplunkStandin, qualys: QualysStandin, account: str
) -> None:
    before = content(splunk, account)
    assert "password" in refusal(splunk, account, password="wrong", username="other").lower()
    assert content(splunk, account) == before
    assert secrets(splunk, "account") == {"prod": {"password": qualys.password}}


def test_a_gateway_that_does_not_answer_is_only_a_warning(splunk: SplunkStandin, account: str) -> None:
    answer = splunk.post(account, gateway_server=f"https://127.0.0.1:{closed_port()}/")
    assert [(message["type"], "gateway" in message["text"]) for message in answer["messages"]] == [("WARN", True)]
    assert "(account prod) WARNING: " in splunk.log()


def test_skip_test_saves_without_a_request_and_is_forgotten(
    splunk: SplunkStandin, qualys: QualysStandin, account: str
) -> None:
    requests = len(qualys.requests)
    splunk.post(account, username="somebody", skip_test="1")
    assert len(qualys.requests) == requests
    assert content(splunk, account)["skip_test"] == "0"


def test_a_shorter_secret_leaves_nothing_of_the_longer_one(splunk: SplunkStandin, account: str) -> None:
    splunk.post(account, password=LONG, skip_test="1")
    splunk.post(account, password="short", skip_test="1")
    assert secrets(splunk, "account") == {"prod": {"password": "short"}}


def test_the_passphrase_goes_with_the_certificate(splunk: SplunkStandin, account: str) -> None:
    splunk.post(account, client_cert="/c.pem", client_key_password="open", skip_test="1")
    assert secrets(splunk, "account")["prod"]["client_key_password"] == "open"
    splunk.post(account, client_cert="", skip_test="1")
    assert list(secrets(splunk, "account")["prod"]) == ["password"]


def test_a_deleted_account_leaves_no_secret_and_may_come_back(
    splunk: SplunkStandin, form: dict[str, str], account: str
) -> None:
    first = content(splunk, account)["revision"]
    splunk.delete(account)
    assert secrets(splunk, "account") == {}
    assert "Password is missing" in refusal(splunk, ACCOUNT, **{**form, "password": "******"})
    splunk.post(ACCOUNT, **form)
    assert content(splunk, account)["revision"] != first


def test_a_name_is_taken_once(splunk: SplunkStandin, form: dict[str, str], account: str) -> None:
    assert "already in use" in refusal(splunk, ACCOUNT, **form)


@pytest.mark.parametrize(
    ("tab", "given", "words"),
    [
        ("proxy", {"use_proxy": "1", "proxy_server": "http://p"}, "Host: 'http://p' is not a host"),
        ("proxy", {"use_proxy": "1", "proxy_server": "p-1.example"}, "Port is missing"),
        ("api", {"api_timeout": "soon"}, "Timeout (seconds): 'soon' is not a whole number"),
        ("logging", {"loglevel": "LOUD"}, "Log level: 'LOUD' is unknown"),
        ("vm", {"detection_params": "ids=1"}, "ids is not allowed"),
        ("vm", {"num_threads": "11"}, "from 1 to 10"),
    ],
)
def test_settings_are_refused_in_the_tables_words(
    splunk: SplunkStandin, tab: str, given: dict[str, str], words: str
) -> None:
    before = content(splunk, f"{SETTINGS}/{tab}")
    assert words in refusal(splunk, f"{SETTINGS}/{tab}", **given)
    assert content(splunk, f"{SETTINGS}/{tab}") == before


def test_settings_are_saved_in_one_form(splunk: SplunkStandin) -> None:
    splunk.post(f"{SETTINGS}/vm", num_threads=" 2 ", log_detections="true", detection_fields_to_log="QID,RESULTS")
    saved = content(splunk, f"{SETTINGS}/vm")
    assert (saved["num_threads"], saved["log_detections"]) == ("2", "1")
    assert saved["detection_fields_to_log"] == "QID,RESULTS"


def test_the_proxys_password_is_kept_hidden_and_goes_with_its_user(splunk: SplunkStandin) -> None:
    proxy = f"{SETTINGS}/proxy"
    given = {"use_proxy": "0", "proxy_server": "proxy-1.corp.example", "proxy_port": "8080", "proxy_username": "u"}
    splunk.post(proxy, **given, proxy_password="geheim")
    splunk.post(proxy, **given)
    assert content(splunk, proxy, **{"--cred--": "1"})["proxy_password"] == "******"
    assert secrets(splunk, "settings") == {"proxy": {"proxy_password": "geheim"}}
    splunk.post(proxy, **{**given, "proxy_username": ""})
    assert secrets(splunk, "settings") == {}


def test_the_connection_test_goes_through_the_proxy(splunk: SplunkStandin, form: dict[str, str]) -> None:
    proxy = f"{SETTINGS}/proxy"
    splunk.post(proxy, use_proxy="1", proxy_server="127.0.0.1", proxy_port=str(closed_port()))
    told = refusal(splunk, ACCOUNT, **form)
    splunk.post(proxy, use_proxy="0")
    assert "proxy" in told.lower()


@pytest.fixture
def host_detection(splunk: SplunkStandin, account: str) -> Iterator[str]:
    splunk.post(INPUTS, name="host_detection", duration="1h")
    yield f"{INPUTS}/host_detection"
    for entry in splunk.get(INPUTS)["entry"]:
        splunk.delete(f"{INPUTS}/{entry['name']}")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "eu"}, "no metric 'eu'"),
        ({"name": "host_detection", "duration": "soon"}, "Cron entry or interval"),
        ({"name": "host_detection", "start_date": "today"}, "Start date"),
        ({"name": "host_detection", "account": "other"}, "no account 'other'"),
        ({"name": "host_detection", "shard": "4"}, "Part of the hosts"),
    ],
)
def test_inputs_are_refused_in_the_tables_words(
    splunk: SplunkStandin, account: str, given: dict[str, str], words: str
) -> None:
    assert words in refusal(splunk, INPUTS, **given)
    assert splunk.get(INPUTS)["entry"] == []


def test_an_input_needs_an_account_and_a_choice_among_several(
    splunk: SplunkStandin, form: dict[str, str], account: str
) -> None:
    splunk.post(ACCOUNT, **{**form, "name": "eu"}, skip_test="1")
    assert "several (eu, prod)" in refusal(splunk, INPUTS, name="host_detection")
    for name in ("eu", "prod"):
        splunk.delete(f"{ACCOUNT}/{name}")
    assert "none yet" in refusal(splunk, INPUTS, name="host_detection")


def test_an_input_starts_disabled_and_is_enabled_cloned_and_deleted(splunk: SplunkStandin, host_detection: str) -> None:
    first = content(splunk, host_detection)
    assert first["disabled"] in ("1", "true", True)
    assert (first["metric"], first["start_date"]) == ("host_detection", "1999-01-01T00:00:00Z")
    splunk.post(host_detection, disabled="0")
    assert content(splunk, host_detection)["disabled"] in ("0", "false", False)
    splunk.post(INPUTS, name="second", metric="host_detection", duration=first["duration"], disabled="0")
    assert content(splunk, f"{INPUTS}/second")["disabled"] in ("1", "true", True)
    splunk.post(host_detection, disabled="1")
    splunk.delete(f"{INPUTS}/second")
    assert [entry["name"] for entry in splunk.get(INPUTS)["entry"]] == ["host_detection"]


def test_a_row_shows_and_asks(splunk: SplunkStandin, host_detection: str) -> None:
    row = f"{CHECKPOINT}/host_detection"
    assert content(splunk, row)["outcome"] == "never"
    splunk.post(row, action="run_now")
    assert content(splunk, row)["asked"] == "run_now"
    splunk.post(row, action="start_again", since="2024-01-31T00:00:00Z")
    assert content(splunk, row)["asked"] == "start_again"
    assert "YYYY-MM-DD" in refusal(splunk, row, action="start_again", since="yesterday")
    assert "unknown" in refusal(splunk, row, action="explode")
    assert "no input other" in refusal(splunk, f"{CHECKPOINT}/other", action="run_now")
    assert "(host_detection) INFO: admin asks for action=start_again since=2024-01-31T00:00:00Z." in splunk.log()


@pytest.fixture
def owner(splunk: SplunkStandin, account: str) -> Iterator[str]:
    """An input that pulls the knowledge base; disabled, as every new one."""
    splunk.post(INPUTS, name="owner", metric="knowledge_base")
    yield f"{INPUTS}/owner"
    splunk.post(f"{SETTINGS}/kb", kb_lookups="0")
    for entry in splunk.get(INPUTS)["entry"]:
        splunk.delete(f"{INPUTS}/{entry['name']}")
    splunk.post(f"{SETTINGS}/kb", kb_lookups="1")


KB = {"metric": "knowledge_base", "account": "prod"}


def test_the_lookups_have_one_owner(splunk: SplunkStandin, owner: str) -> None:
    told = "the input owner pulls the knowledge base already, and the lookups have one owner"
    assert told in refusal(splunk, INPUTS, **KB, name="second")
    assert told in refusal(splunk, INPUTS, name="knowledge_base")
    splunk.post(INPUTS, name="hosts", metric="host_detection")
    assert told in refusal(splunk, f"{INPUTS}/hosts", **KB)
    splunk.post(owner, duration="12h", **KB)
    assert (content(splunk, owner)["duration"], content(splunk, f"{INPUTS}/hosts")["metric"]) == (
        "12h",
        "host_detection",
    )


def test_without_lookups_each_account_may_have_a_store(splunk: SplunkStandin, form: dict[str, str], owner: str) -> None:
    """And they cannot be switched on again while two inputs would own them."""
    splunk.post(ACCOUNT, **{**form, "name": "eu"}, skip_test="1")
    splunk.post(f"{SETTINGS}/kb", kb_lookups="0")
    assert "of this account already" in refusal(splunk, INPUTS, **KB, name="second")
    splunk.post(INPUTS, **{**KB, "account": "eu"}, name="second")
    told = refusal(splunk, f"{SETTINGS}/kb", kb_lookups="1")
    assert "several inputs pull a knowledge base (owner, second)" in told
    assert content(splunk, f"{SETTINGS}/kb")["kb_lookups"] == "0"
    splunk.post(f"{SETTINGS}/kb", kb_lookups="0", is_index_knowledgebase="1")
    splunk.delete(f"{INPUTS}/second")
    splunk.post(f"{SETTINGS}/kb", kb_lookups="1", is_index_knowledgebase="0")


def test_no_secret_is_in_a_log(splunk: SplunkStandin, qualys: QualysStandin, account: str) -> None:
    logged = splunk.log() + splunk.log("splunkd.log")
    assert "(account prod) INFO: The account was saved." in logged
    assert not [secret for secret in (qualys.password, LONG, "open sesame", "geheim") if secret in logged]
