"""The certificates of the Qualys stand-in: its own, good and bad, and those it asks of clients."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from standins.qualys import QualysStandin
from support.qualys import Client


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [("expired", "expired"), ("wrong_name", "mismatch"), ("unknown_ca", "unable to get local issuer|self.signed")],
)
def test_bad_server_certificates_are_refused(tmp_path: Path, certificate: str, reason: str) -> None:
    with QualysStandin(tmp_path, certificate=certificate) as standin, Client(standin) as client:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            client.detections()
        assert standin.requests == []


@pytest.mark.parametrize(("combined", "passphrase"), [(False, ""), (True, ""), (False, "s€cret"), (True, "s€cret")])
def test_client_certificate_lets_in(tmp_path: Path, combined: bool, passphrase: str) -> None:
    with QualysStandin(tmp_path, hosts=1, require_client_cert=True) as standin:
        own = standin.authority.client_certificate("client", combined=combined, passphrase=passphrase)
        context = ssl.create_default_context(cafile=standin.ca)
        context.load_cert_chain(own.cert, own.key, passphrase or None)
        with Client(standin, context=context) as client:
            assert client.detections().status == 200
        with Client(standin) as bare, pytest.raises((ssl.SSLError, ConnectionError)):
            bare.detections()


def test_key_of_another_certificate_does_not_match(tmp_path: Path) -> None:
    with QualysStandin(tmp_path) as standin:
        one, other = (standin.authority.client_certificate(name) for name in ("one", "other"))
    with pytest.raises(ssl.SSLError, match=r"(?i)mismatch"):
        ssl.create_default_context().load_cert_chain(one.cert, other.key)
