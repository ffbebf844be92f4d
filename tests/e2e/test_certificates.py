"""TLS of a run: the server is always verified, a client certificate is shown where there is one, its key stays put."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from standins.qualys import QualysStandin
from support.e2e import NAME, Site
from support.files import holding
from support.guarded import use_platform
from support.page import account_form, choose

UNTRUSTED = {
    "unknown_ca": "is signed by an unknown CA; enter the path of that CA's file under CA certificates.",
    "wrong_name": "belongs to another name; check the API server's address.",
    "expired": "has expired; ask its owner to renew it, and check this server's clock.",
}
KEYS: dict[str, dict[str, Any]] = {
    "separate": {},
    "combined": {"combined": True},
    "encrypted": {"passphrase": "öpen % sesame"},
    "combined and encrypted": {"combined": True, "passphrase": "öpen % sesame"},
}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("certificate", UNTRUSTED)
def test_a_server_that_cannot_be_trusted_gets_nothing(site: Site, tmp_path: Path, certificate: str, host: str) -> None:
    choose(site, "api", max_retries="0")
    with QualysStandin(tmp_path, hosts=1, certificate=certificate) as platform:
        url = platform.url.replace("127.0.0.1", host)
        site.save_account(**account_form(platform, api_server=url, skip_test="1"))
        run = site.tick()
    assert run.returncode == 1
    address = platform.url.partition("://")[2].replace("127.0.0.1", host)
    assert site.error() == f"No TLS connection to {address}: its certificate {UNTRUSTED[certificate]}"
    assert run.stderr == f"ERROR {NAME}: {site.error()}\n"
    assert (platform.requests, site.raw) == ([], [])
    assert site.state["outcome"] == "later", "tried again by itself once the certificate is renewed"


@pytest.mark.parametrize("keys", KEYS)
def test_a_client_certificate_opens_the_door(site: Site, tmp_path: Path, keys: str) -> None:
    with QualysStandin(tmp_path, hosts=2, require_client_cert=True) as platform:
        key = use_platform(site, platform, **KEYS[keys])
        run = site.splunk.tick(NAME, env={"TMPDIR": str(tmp_path)})
        assert (run.returncode, run.stderr) == (0, "")
        assert {call.status for call in platform.requests} == {200}
    assert len(site.raw) > 2
    secret = key.read_text().partition("PRIVATE KEY-----\n")[2].partition("\n")[0]
    places = [*holding(site.splunk.home, secret), *holding(tmp_path, secret)]
    assert places == [key], "a private key is never copied"


def test_a_missing_client_certificate_is_said(site: Site, tmp_path: Path) -> None:
    choose(site, "api", max_retries="0")
    with QualysStandin(tmp_path, hosts=2, require_client_cert=True) as platform:
        site.save_account(**account_form(platform, skip_test="1"))
        assert site.tick().returncode == 1
    assert site.error().endswith("it broke off; it may ask for a client certificate.")


def test_a_key_that_went_missing_waits_for_a_person(site: Site, tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=2, require_client_cert=True) as platform:
        key = use_platform(site, platform)
        key.unlink()
        assert site.tick().returncode == 1
        assert site.error() == f"Private key {key} does not exist on this server. (setting: client_key)"
        assert site.state["outcome"] == "held"
        assert site.tick().returncode == 0, "not due, so nothing is said again"
        assert platform.requests == []
