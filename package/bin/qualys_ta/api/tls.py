"""TLS to the platform: always verified, with the account's own CA and client certificate where it has them."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path

from ..account import Account
from ..errors import ConfigError

_KEY_FAULTS = {
    "KEY_VALUES_MISMATCH": "The private key does not belong to the client certificate {cert}.",
    "BAD_DECRYPT": "The passphrase of the private key {key} is wrong.",
    "BAD_PASSWORD_READ": "The private key {key} is encrypted: enter its passphrase.",
}
_NO_PEM = "Client certificate {cert} or private key {key} is not in PEM form."
_NO_PEM_WITH_KEY = (
    "{cert} does not hold a client certificate and its private key in PEM form; enter the key's own path."
)


def context_for(account: Account, host: str) -> ssl.SSLContext:
    """A context for `host` that verifies its certificate and name, and shows the client certificate if there is one.

    Raises ConfigError naming the setting: a missing file, a file that is no certificate, a wrong passphrase, a key that
    does not match.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.ca_bundle:
        context = _only_trusting(account.ca_bundle)
    if account.client_cert:
        _load_client_cert(context, account)
    elif account.client_key:
        raise ConfigError("A private key is given but no client certificate: enter its path, too.", "client_cert")
    if _is_address(host):
        # urllib3 1.26 names no server to OpenSSL where it is an IP address, and compares the certificate itself.
        context.check_hostname = False
    return context


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _only_trusting(ca_bundle: str) -> ssl.SSLContext:
    _must_exist(ca_bundle, "CA certificates file", "ca_bundle")
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except (ssl.SSLError, OSError):
        raise ConfigError(f"CA certificates file {ca_bundle} holds no certificate in PEM form.", "ca_bundle") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load_client_cert(context: ssl.SSLContext, account: Account) -> None:
    _must_exist(account.client_cert, "Client certificate", "client_cert")
    key = account.client_key or account.client_cert
    _must_exist(key, "Private key", "client_key")
    try:
        # A callable, because without one OpenSSL would ask for the passphrase on a terminal that nobody sees.
        context.load_cert_chain(account.client_cert, key, password=lambda: account.client_key_password)
    except ssl.SSLError as error:
        raise ConfigError(_key_fault(error, account, key), "client_cert") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"Client certificate {account.client_cert} cannot be used: {error}.", "client_cert") from None


def _key_fault(error: ssl.SSLError, account: Account, key: str) -> str:
    known = _KEY_FAULTS.get(error.reason or "")
    if known is None and "ENCRYPTED" in Path(key).read_text(encoding="latin-1"):
        known = _KEY_FAULTS["BAD_DECRYPT" if account.client_key_password else "BAD_PASSWORD_READ"]
    if known is None:
        known = _NO_PEM if account.client_key else _NO_PEM_WITH_KEY
    return known.format(cert=account.client_cert, key=key)


def _must_exist(path: str, what: str, setting: str) -> None:
    try:
        with open(path, "rb"):
            return
    except FileNotFoundError:
        reason = "does not exist on this server"
    except OSError as error:
        reason = f"cannot be read on this server ({error.strerror})"
    raise ConfigError(f"{what} {path} {reason}.", setting)
