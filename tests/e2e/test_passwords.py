"""Any password logs in, and is nowhere but in Splunk's store and on its way to the platform."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from solnlib.credentials import CredentialManager

from qualys_ta.account import Account
from qualys_ta.api.about import ABOUT, test_connection
from standins.qualys import QualysStandin
from standins.replay import ANY, Recorded, Replay
from support.e2e import NAME, Site
from support.files import holding, spellings
from support.guarded import SECRETS, USER, guarded
from support.page import account_form, choose

PASSWORDS = {
    "quotes and markup": '"it\'s" <&amp;> ]]>',
    "colons": "a:b::c:",
    "spaces inside and around": "  two  words  ",
    "percent and plus": "100%25+%20$HOME`id`\\n\\",
    "unicode": "Пароль-密码-🔑-é",
    "pieces of a stored secret": f"x{CredentialManager.SEP}1{CredentialManager.SEP}",
    "the end of a stored secret": f"x{CredentialManager.END_MARK}x",
    "two hundred keys": "🔑" * 200,
    "JSON": '{"password": "no"}',
}
ABOUT_ANSWER = Recorded(200, b"<ABOUT><WEB-VERSION>10</WEB-VERSION></ABOUT>")
printable = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=200)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    with Replay(tmp_path_factory.mktemp("platform"), {ABOUT.path: ABOUT_ANSWER, ANY: Recorded(404)}) as running:
        yield running


@settings(max_examples=25)
@given(printable, printable)
@example("user", "~~~???>>>")
def test_credentials_are_standard_base64_of_utf_8(platform: Replay, user: str, password: str) -> None:
    username = user.replace(":", "")
    account = Account("acme", platform.url, "", username or "user", password, platform.ca)
    assert test_connection(account, None) == ""
    expected = base64.b64encode(f"{account.username}:{password}".encode()).decode()
    assert platform.requests[-1].headers["authorization"] == f"Basic {expected}"


@pytest.mark.parametrize("kind", PASSWORDS)
def test_each_password_is_stored_and_logs_in(site: Site, tmp_path: Path, kind: str) -> None:
    password = PASSWORDS[kind]
    with QualysStandin(tmp_path / "platform", hosts=2, users={"acme_ab1": password}) as platform:
        site.save_account(**account_form(platform))
        choose(site, "logging", loglevel="DEBUG")
        run = site.splunk.tick(NAME, env={"TMPDIR": str(tmp_path)})
    assert (run.returncode, run.stderr) == (0, "")
    assert {call.status for call in platform.requests} == {200}
    assert len(site.raw) > 2
    told = spellings(password, platform.username)
    assert holding(site.splunk.home, *told) == holding(tmp_path, *told) == []


@pytest.mark.parametrize("faults", ["", "html*2", "reset", "unauthorized", "simple1905", "error500*always"])
def test_no_secret_is_left_anywhere(site: Site, tmp_path: Path, faults: str) -> None:
    with guarded(site, tmp_path / "platform") as platform:
        choose(site, "api", preserve_api_output="1", max_retries="2", retry_interval_seconds="1")
        platform.faults.set(faults)
        tmp = tmp_path / "tmp"
        tmp.mkdir()
        run = site.splunk.tick(NAME, env={"TMPDIR": str(tmp)})
    assert [call for call in platform.requests if "/detection/" in call.path], "the run came that far"
    told = set().union(*(spellings(secret, USER) for secret in SECRETS.values()))
    assert holding(site.splunk.home, *told) == holding(tmp, *told) == []
    assert [secret for secret in told if secret in run.stderr + "".join(site.raw) + site.splunk.log()] == []
