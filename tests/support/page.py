"""The Account tab as an admin's browser uses it: the form, the sentence shown when it is refused, what was stored."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any, Protocol

import pytest
from solnlib.credentials import CredentialManager

from standins.splunk import SplunkStandin
from standins.splunk.errors import StandinError
from support.e2e import REST, Site

ACCOUNT = REST.format("account")


class Platform(Protocol):
    """Whatever listens like a Qualys API server."""

    url: str
    ca: str


def account_form(platform: Platform, **changed: str) -> dict[str, str]:
    """What the tab sends for a new account."""
    login = {"username": getattr(platform, "username", "user"), "password": getattr(platform, "password", "secret")}
    return {"name": "acme", "api_server": platform.url, "ca_bundle": platform.ca, **login, **changed}


def content(splunk: SplunkStandin, path: str, **query: str) -> dict[str, Any]:
    (entry,) = splunk.get(path, **query)["entry"]
    found: dict[str, Any] = entry["content"]
    return found


def names(splunk: SplunkStandin, path: str = ACCOUNT) -> list[str]:
    return sorted(entry["name"] for entry in splunk.get(path)["entry"])


def refusal(splunk: SplunkStandin, form: Mapping[str, str], path: str = ACCOUNT) -> str:
    """The sentence that the page shows; fails where the form is accepted."""
    with pytest.raises(StandinError) as refused:
        splunk.post(path, **form)
    return refused.value.message.partition(" -- ")[2].partition('". See splunkd.log')[0]


def warnings(splunk: SplunkStandin, form: Mapping[str, str], path: str = ACCOUNT) -> list[str]:
    """What the page says although it saved."""
    return [message["text"] for message in splunk.post(path, **form)["messages"]]


def secrets(splunk: SplunkStandin, conf: str = "") -> dict[str, dict[str, str]]:
    """Owner -> secrets, of all confs or of one, from Splunk's store; what lies there and is never read is under "?"."""
    pieces: dict[str, dict[int, str]] = {}
    for entry in splunk.get("storage/passwords", count="0")["entry"]:
        told = entry["content"]
        if told["realm"].endswith(conf):
            name, _, number = told["username"].partition(CredentialManager.SEP)
            pieces.setdefault(name, {})[int(number)] = told["clear_password"]
    return {name: _joined([parts[number] for number in sorted(parts)]) for name, parts in pieces.items()}


def _joined(parts: list[str]) -> dict[str, str]:
    end = parts.index(CredentialManager.END_MARK)
    found: dict[str, str] = json.loads("".join(parts[:end]))
    return {**found, **({"?": "".join(parts[end + 1 :])} if parts[end + 1 :] else {})}


def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def choose(site: Site, tab: str, **values: str) -> None:
    """Settings of a tab, written as an editor of the conf file does: without the page, and at once."""
    conf = "ta_qualyscloudplatform_settings"
    site.splunk.splunkd.confs.write(conf, site.splunk.app_home.name, tab, values)
