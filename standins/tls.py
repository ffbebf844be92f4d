"""A throw-away certificate authority, and every certificate a TLS test needs from it or against it.

Keys are made anew on each run and live only in the folder given; nothing here is fit for anything but tests.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Optional

import trustme
from cryptography.hazmat.primitives import serialization

LOOPBACK = ("127.0.0.1", "localhost")
CERTIFICATES = ("good", "expired", "wrong_name", "unknown_ca")


@dataclass(frozen=True)
class ClientCertificate:
    """Where a client certificate lies: `cert` and `key` are PEM files, the same one when they are combined."""

    cert: str
    key: str
    passphrase: str = ""


class Authority:
    """A certificate authority of its own; `ca_path` is the PEM a client must trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()
        self.ca_path = str(folder / "ca.pem")
        self._ca.cert_pem.write_to_path(self.ca_path)

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """A new authority that keeps its files in `folder`, which is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    def server_context(self, hostnames: Sequence[str] = LOOPBACK, *, kind: str = "good") -> ssl.SSLContext:
        """A server's context whose certificate is `kind`: good, expired, wrong_name or unknown_ca."""
        leaf = self._server_leaf(hostnames, kind)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        leaf.configure_cert(context)
        return context

    def require_client(self, context: ssl.SSLContext) -> None:
        """From now on `context` turns away clients without a certificate of this authority."""
        context.load_verify_locations(self.ca_path)
        context.verify_mode = ssl.CERT_REQUIRED

    def client_certificate(self, name: str, *, combined: bool = False, passphrase: str = "") -> ClientCertificate:
        """Files ``<name>.crt`` and ``<name>.key``, or ``<name>.pem`` with both; the key encrypted if asked.

        Two certificates of different names have different keys, which makes a key that does not match.
        """
        leaf = self._ca.issue_cert(common_name=name)
        certificate = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        key = leaf.private_key_pem.bytes()
        if passphrase:
            key = _encrypted(key, passphrase)
        if combined:
            both = self._write(f"{name}.pem", key + certificate)
            return ClientCertificate(both, both, passphrase)
        return ClientCertificate(self._write(f"{name}.crt", certificate), self._write(f"{name}.key", key), passphrase)

    def _server_leaf(self, hostnames: Sequence[str], kind: str) -> trustme.LeafCert:
        if kind not in CERTIFICATES:
            raise ValueError(f"certificate {kind!r}: one of {', '.join(CERTIFICATES)}")
        issuer = trustme.CA() if kind == "unknown_ca" else self._ca
        names = ("elsewhere.example",) if kind == "wrong_name" else tuple(hostnames)
        ended: Optional[datetime] = None
        if kind == "expired":
            ended = datetime.now(timezone.utc) - timedelta(days=1)
        return issuer.issue_cert(*names, not_after=ended)

    def _write(self, name: str, pem: bytes) -> str:
        path = self._folder / name
        path.write_bytes(pem)
        path.chmod(0o600)
        return str(path)


def _encrypted(key_pem: bytes, passphrase: str) -> bytes:
    key = serialization.load_pem_private_key(key_pem, password=None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
