"""TLS to the platform: always verified; what is wrong with a certificate or a key has its own message."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from qualys_ta.account import Account
from qualys_ta.api.tls import context_for
from qualys_ta.errors import ConfigError
from standins.tls import Authority

HOST = "qualysapi.qualys.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca"))


def account(**parts: str) -> Account:
    return Account("a", f"https://{HOST}", "", "user", "password", **parts)


def refused(**parts: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        context_for(account(**parts), HOST)
    assert "password" not in repr(account(**parts))
    return caught.value


def test_server_is_verified(authority: Authority) -> None:
    for parts in ({}, {"ca_bundle": authority.ca_path}):
        context = context_for(account(**parts), HOST)
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_own_ca_is_the_only_one_trusted(authority: Authority) -> None:
    context = context_for(account(ca_bundle=authority.ca_path), HOST)
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("combined", [False, True])
@pytest.mark.parametrize("passphrase", ["", "pass phrase é"])
def test_client_certificate_loads_and_the_server_is_still_verified(
    authority: Authority, combined: bool, passphrase: str
) -> None:
    found = authority.client_certificate("client", combined=combined, passphrase=passphrase)
    key = "" if combined else found.key
    context = context_for(account(client_cert=found.cert, client_key=key, client_key_password=passphrase), HOST)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_wrong_passphrase(authority: Authority) -> None:
    found = authority.client_certificate("locked", passphrase="right")
    parts = {"client_cert": found.cert, "client_key": found.key}
    assert "passphrase of the private key" in str(refused(**parts, client_key_password="wrong"))
    assert "is encrypted: enter its passphrase" in str(refused(**parts))


def test_key_of_another_certificate(authority: Authority) -> None:
    one, other = authority.client_certificate("one"), authority.client_certificate("other")
    assert "does not belong to" in str(refused(client_cert=one.cert, client_key=other.key))


def test_files_that_are_missing_or_unusable(authority: Authority, tmp_path: Path) -> None:
    found, empty = authority.client_certificate("x"), tmp_path / "empty.pem"
    empty.touch()
    missing = str(tmp_path / "missing.pem")
    assert refused(ca_bundle=missing).setting == "ca_bundle"
    assert refused(ca_bundle=str(empty)).setting == "ca_bundle"
    assert "does not exist" in str(refused(client_cert=missing))
    assert refused(client_cert=found.cert, client_key=missing).setting == "client_key"
    assert "PEM form" in str(refused(client_cert=found.cert, client_key=str(empty)))
    assert "PEM form" in str(refused(client_cert=found.cert))
    assert "cannot be read" in str(refused(client_cert=str(tmp_path)))
    assert refused(client_key=found.key).setting == "client_cert"
