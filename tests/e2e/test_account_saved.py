"""What is saved with an account, what comes back of it, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Optional

import pytest

from standins.qualys import QualysStandin
from standins.replay import ANY, Recorded, Replay
from standins.splunk import SplunkStandin
from support.e2e import BUILT, REST, Site
from support.page import ACCOUNT, account_form, closed_port, content, names, secrets, warnings

PASSPHRASE = "open sesame ä"
DEMO = f"{ACCOUNT}/demo"


@pytest.fixture
def owner(site: Site) -> dict[str, str]:
    """A second account's form, whose client key is encrypted."""
    issued = site.qualys.authority.client_certificate("owner", passphrase=PASSPHRASE)
    key = {"client_cert": issued.cert, "client_key": issued.key, "client_key_password": PASSPHRASE}
    return account_form(site.qualys, **key)


def test_several_accounts_keep_their_secrets_apart(site: Site, owner: dict[str, str]) -> None:
    site.splunk.post(ACCOUNT, **owner)
    site.splunk.post(ACCOUNT, **account_form(site.qualys, name="other", password="x`y", skip_test="1"))
    assert names(site.splunk) == ["acme", "demo", "other"]
    mine = {"password": site.qualys.password}
    expected = {"acme": {**mine, "client_key_password": PASSPHRASE}, "demo": mine, "other": {"password": "x`y"}}
    assert secrets(site.splunk) == expected
    site.splunk.delete(f"{ACCOUNT}/acme")
    assert secrets(site.splunk) == {name: expected[name] for name in ("demo", "other")}


@pytest.mark.parametrize("path", [ACCOUNT, f"{ACCOUNT}/acme", "configs/conf-ta_qualyscloudplatform_account"])
@pytest.mark.parametrize("query", [{}, {"--cred--": "1"}])
def test_no_answer_holds_a_secret(site: Site, owner: dict[str, str], path: str, query: dict[str, str]) -> None:
    created = site.splunk.post(ACCOUNT, **owner)
    edited = site.splunk.post(f"{ACCOUNT}/acme", username=site.qualys.username)
    told = json.dumps([created, edited, site.splunk.get(path, **query)], ensure_ascii=False)
    assert "client_key_password" in told
    assert [secret for secret in (site.qualys.password, PASSPHRASE) if json.dumps(secret)[1:-1] in told] == []
    assert [secret for secret in (site.qualys.password, PASSPHRASE) if secret in told] == []


def test_an_edit_keeps_what_was_not_typed_again(site: Site, owner: dict[str, str]) -> None:
    site.splunk.post(ACCOUNT, **owner)
    shown = content(site.splunk, f"{ACCOUNT}/acme")
    before = secrets(site.splunk)
    sent = {name: value or "" for name, value in shown.items() if name in owner}
    assert sent["password"] == sent["client_key_password"] == "******"
    site.splunk.post(f"{ACCOUNT}/acme", **sent)
    assert secrets(site.splunk) == before


def test_no_edit_leaves_a_second_credential(site: Site) -> None:
    for password in ("a", "b" * 3000, "c" * 700, "d"):
        site.splunk.post(DEMO, password=password, skip_test="1")
        assert secrets(site.splunk) == {"demo": {"password": password}}
    site.splunk.delete(DEMO)
    assert secrets(site.splunk) == {}
    site.splunk.post(ACCOUNT, name="demo", **site.account)
    assert secrets(site.splunk) == {"demo": {"password": site.qualys.password}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Recorded(401), []),
        (Recorded(404), []),
        (None, ["The account works, but its gateway does not answer yet: {host} cannot be reached: check the address, "
                "the firewall and the proxy."]),
    ],
    ids=["login", "not_found", "dead"],
)  # fmt: skip
def test_a_gateway_only_warns_and_gets_no_secret(
    site: Site, tmp_path: Path, answer: Optional[Recorded], said: list[str]
) -> None:
    with Replay(tmp_path, {ANY: answer or Recorded(500)}) as gateway:
        url = gateway.url if answer else f"https://127.0.0.1:{closed_port()}"
        bundle = tmp_path / "both.pem"
        bundle.write_text(Path(gateway.ca).read_text() + Path(site.qualys.ca).read_text())
        form = account_form(site.qualys, gateway_server=url, ca_bundle=str(bundle))
        assert warnings(site.splunk, form) == [line.format(host=url.partition("://")[2]) for line in said]
    assert names(site.splunk) == ["acme", "demo"]
    assert [call for call in gateway.requests if "authorization" in call.headers] == []
    assert [line for line in said if line[:40] not in site.splunk.log()] == []


def test_without_a_test_nothing_is_asked(site: Site) -> None:
    before = len(site.qualys.requests)
    site.splunk.post(ACCOUNT, **account_form(site.qualys, password="wrong", skip_test="1"))
    assert len(site.qualys.requests) == before
    assert names(site.splunk) == ["acme", "demo"]
    assert content(site.splunk, f"{ACCOUNT}/acme")["skip_test"] == "0"


def test_the_first_account_ends_the_invitation_to_set_up(tmp_path: Path) -> None:
    with (
        QualysStandin(tmp_path / "platform", hosts=1) as platform,
        SplunkStandin(tmp_path / "splunk", BUILT) as splunk,
    ):
        told = f"apps/local/{BUILT.name}"
        assert content(splunk, told)["configured"] in (False, "0", 0)
        splunk.post(f"{REST.format('settings')}/logging", loglevel="DEBUG")
        assert content(splunk, told)["configured"] in (False, "0", 0)
        splunk.post(ACCOUNT, **account_form(platform))
        assert content(splunk, told)["configured"] in (True, "1", 1)
