"""An account that does not work is not saved, and the page says in one sentence what to do about it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

import pytest

from qualys_ta.account import Account
from qualys_ta.api.about import test_connection
from qualys_ta.errors import TryLater
from standins.qualys import QualysStandin
from standins.replay import ANY, Recorded, Replay
from standins.tls import Authority
from support.e2e import Site
from support.page import account_form, closed_port, names, refusal, secrets

LONGEST_S = 20.0
HTML = b"<!DOCTYPE html>\n<html><body>It works<br></body></html>"
LOGIN = "/msp/about.php answered: "
NO_QUALYS = "is this a Qualys API server?"


class Scene(NamedTuple):
    """What the forms are made of."""

    platform: QualysStandin
    folder: Path
    port: int

    def file(self, name: str, text: str = "no PEM") -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def signed(
        self, name: str, passphrase: str = "", issuer: Optional[Authority] = None, **changed: str
    ) -> dict[str, str]:
        """The form's part for a client certificate with its key, `changed`."""
        issued = (issuer or self.platform.authority).client_certificate(name, passphrase=passphrase)
        return {"client_cert": issued.cert, "client_key": issued.key, **changed}


class Wrong(NamedTuple):
    """What is wrong, what the page says then, and how many requests with credentials that took."""

    said: str
    form: Callable[[Scene], Mapping[str, str]] = lambda _: {}
    platform: Mapping[str, Any] = {}
    calls: int = 0


def struck(fault: str, said: str) -> Wrong:
    return Wrong(said, platform={"faults": f"about:{fault}*always"}, calls=1)


KEY_CASES = {
    "certificate file is missing": Wrong(
        "Client certificate {folder}/none.crt does not exist on this server.",
        lambda scene: scene.signed("one", client_cert=f"{scene.folder}/none.crt"),
    ),
    "key file is missing": Wrong(
        "Private key {folder}/none.key does not exist on this server.",
        lambda scene: scene.signed("one", client_key=f"{scene.folder}/none.key"),
    ),
    "key is nowhere": Wrong(
        "{folder}/one.crt does not hold a client certificate and its private key in PEM form; enter the key's own "
        "path.",
        lambda scene: scene.signed("one", client_key=""),
    ),
    "key is no PEM": Wrong(
        "Client certificate {folder}/one.crt or private key {folder}/text is not in PEM form.",
        lambda scene: scene.signed("one", client_key=scene.file("text")),
    ),
    "key without certificate": Wrong(
        "Client certificate: a client key needs its certificate.", lambda scene: scene.signed("one", client_cert="")
    ),
    "wrong passphrase": Wrong(
        "The passphrase of the private key {folder}/one.key is wrong.",
        lambda scene: scene.signed("one", "open sesame", client_key_password="open"),
    ),
    "no passphrase": Wrong(
        "The private key {folder}/one.key is encrypted: enter its passphrase.",
        lambda scene: scene.signed("one", "open sesame"),
    ),
    "key of another certificate": Wrong(
        "The private key does not belong to the client certificate {folder}/one.crt.",
        lambda scene: scene.signed("one", client_key=scene.signed("other")["client_key"]),
    ),
}
CERTIFICATE_CASES = {
    "unknown CA": Wrong(
        "No TLS connection to {host}: its certificate is signed by an unknown CA; enter the path of that CA's "
        "file under CA certificates.",
        platform={"certificate": "unknown_ca"},
    ),
    "certificate of another name": Wrong(
        "No TLS connection to {host}: its certificate belongs to another name; check the API server's address.",
        platform={"certificate": "wrong_name"},
    ),
    "expired certificate": Wrong(
        "No TLS connection to {host}: its certificate has expired; ask its owner to renew it, and check this server's "
        "clock.",
        platform={"certificate": "expired"},
    ),
    "client certificate is asked for": Wrong(
        "No TLS connection to {host}: it broke off; it may ask for a client certificate.",
        platform={"require_client_cert": True},
    ),
    "client certificate of a stranger": Wrong(
        "No TLS connection to {host}: it does not accept the account's client certificate.",
        lambda scene: scene.signed("one", issuer=Authority.create(scene.folder / "stranger")),
        {"require_client_cert": True},
    ),
    "CA bundle is missing": Wrong(
        "CA certificates file {folder}/none.pem does not exist on this server.",
        lambda scene: {"ca_bundle": f"{scene.folder}/none.pem"},
    ),
    "CA bundle is a folder": Wrong(
        "CA certificates file {folder} cannot be read on this server (Is a directory).",
        lambda scene: {"ca_bundle": str(scene.folder)},
    ),
    "CA bundle is no PEM": Wrong(
        "CA certificates file {folder}/text holds no certificate in PEM form.",
        lambda scene: {"ca_bundle": scene.file("text")},
    ),
}
ADDRESS_CASES = {
    "plain http": Wrong(
        "Qualys API server: 'http://{host}' is not https; credentials are never sent over plain http. Use "
        "https://<host>.",
        lambda scene: {"api_server": scene.platform.url.replace("https", "http")},
    ),
    "nobody listens": Wrong(
        "127.0.0.1:{port} cannot be reached: check the address, the firewall and the proxy.",
        lambda scene: {"api_server": f"https://127.0.0.1:{scene.port}"},
    ),
    "no such host": Wrong(
        "The host name qualysapi.invalid cannot be resolved: check the API server's address and the DNS.",
        lambda _: {"api_server": "https://qualysapi.invalid"},
    ),
}
PLATFORM_CASES = {
    "wrong password": Wrong(
        LOGIN + "2000 Bad Login/Password. The user name or password is wrong.", lambda _: {"password": "wrong"}, calls=1
    ),
    "no API access": struck(
        "secureid",
        LOGIN + "2011 SecureID authentication is required for this account. The account may not use the API: allow API "
        "access in its settings, and no SecurID or two-factor login.",
    ),
    "registration is open": struck(
        "registration",
        LOGIN + "2003 Registration must be completed before API requests will be served. The account's registration "
        "must be completed first: log in to the Qualys UI once.",
    ),
    "expired subscription": struck(
        "expired", LOGIN + "2001 This account has expired. The account or subscription has expired."
    ),
    "platform is busy": struck(
        "busy", LOGIN + "1960 This API cannot be run again until 1 currently running API instance has finished."
    ),
    "platform is down": struck("unavailable", LOGIN + "HTTP status 503. The platform is busy or down."),
    "address of another platform": struck(
        "redirect", LOGIN + "HTTP status 301. The platform points elsewhere: check the account's API server."
    ),
    "web page instead of an answer": struck(
        "html", f"{{url}} answered /msp/about.php with something that is not XML: {NO_QUALYS}"
    ),
    "answer breaks off": struck("cut", "{host} cut its answer before the end."),
    "no answer": struck(
        "stall", "{host} did not answer /msp/about.php in time; check the network, or raise the API timeout."
    ),
}
CASES = {**KEY_CASES, **CERTIFICATE_CASES, **ADDRESS_CASES, **PLATFORM_CASES}


def test_each_cause_has_its_own_sentence() -> None:
    assert len({wrong.said for wrong in CASES.values()}) == len(CASES)


@pytest.mark.parametrize("what", CASES)
def test_refused(site: Site, tmp_path: Path, what: str) -> None:
    wrong = CASES[what]
    before = secrets(site.splunk)
    with QualysStandin(tmp_path, hosts=1, **wrong.platform) as platform:
        scene = Scene(platform, tmp_path, closed_port())
        said, seconds = timed_refusal(site, account_form(platform, **wrong.form(scene)))
        assert seconds < LONGEST_S
        host = platform.url.partition("://")[2]
        assert said == wrong.said.format(url=platform.url, host=host, folder=tmp_path, port=scene.port)
        assert len([call for call in platform.requests if "authorization" in call.headers]) == wrong.calls
    assert names(site.splunk) == ["demo"]
    assert secrets(site.splunk) == before
    assert platform.password not in site.splunk.log() + site.splunk.log("splunkd.log") + said


def timed_refusal(site: Site, form: Mapping[str, str]) -> tuple[str, float]:
    """What the page says, and after how many seconds."""
    started = time.monotonic()
    said = refusal(site.splunk, form)
    return said, time.monotonic() - started


OTHER_SERVERS = {
    "a web page": (Recorded(200, HTML), "{url} answered /msp/about.php with something that is not XML: " + NO_QUALYS),
    "a page without an end": (
        Recorded(200, b"<html>" * 200_000),
        "{url} answered /msp/about.php with a page that is no answer of Qualys.",
    ),
    "nothing there": (Recorded(404, HTML), "There is no /msp/about.php at this address: " + NO_QUALYS),
    "an answer of another API": (
        Recorded(200, b"<ServiceResponse><responseCode>INVALID_CREDENTIALS</responseCode></ServiceResponse>"),
        LOGIN + "INVALID_CREDENTIALS. The user name or password is wrong.",
    ),
}


@pytest.mark.parametrize("what", OTHER_SERVERS)
def test_a_server_that_is_none_of_qualys(site: Site, tmp_path: Path, what: str) -> None:
    answer, said = OTHER_SERVERS[what]
    with Replay(tmp_path, {ANY: answer}) as server:
        assert refusal(site.splunk, account_form(server)) == said.format(url=server.url)
    assert [(call.method, call.path) for call in server.requests] == [("GET", "/msp/about.php")]


def test_time_is_up_whatever_the_server_does(tmp_path: Path) -> None:
    with QualysStandin(tmp_path, hosts=1, faults="about:stall*always") as platform:
        account = Account("acme", platform.url, "", platform.username, platform.password, platform.ca)
        with pytest.raises(TryLater, match="gave no answer within 0 s: check the address, the firewall and the proxy"):
            test_connection(account, None, timeout_s=0.3)
