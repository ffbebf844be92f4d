"""The built add-on in a Splunk stand-in: set up, edited and asked over the management API, as an admin's browser does."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from solnlib.credentials import CredentialManager

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.errors import StandinError

BUILT = Path(__file__).resolve().parents[2] / "TA-QualysCloudPlatform"
ACCOUNT, SETTINGS, INPUTS, CHECKPOINT = (
    f"TA_QualysCloudPlatform_{name}" for name in ("account", "settings", "qualys", "checkpoint")
)
INPUT = "host_detection"
_SEPARATOR = CredentialManager.SEP


def account_form(platform: QualysStandin, **changed: str) -> dict[str, str]:
    """What the Account tab sends for an account that works."""
    return {
        "name": "acme",
        "api_server": platform.url,
        "username": platform.username,
        "password": platform.password,
        "ca_bundle": platform.ca,
        **changed,
    }


def content(splunk: SplunkStandin, path: str, **query: str) -> dict[str, Any]:
    (entry,) = splunk.get(path, **query)["entry"]
    found: dict[str, Any] = entry["content"]
    return found


def names(splunk: SplunkStandin, path: str) -> list[str]:
    return [entry["name"] for entry in splunk.get(path)["entry"]]


def refusal(splunk: SplunkStandin, path: str, form: Mapping[str, str]) -> str:
    """The sentence that the page shows; fails where the form is accepted."""
    with pytest.raises(StandinError) as refused:
        splunk.post(path, **form)
    return refused.value.message.partition(" -- ")[2].partition('". See splunkd.log')[0]


def warnings(splunk: SplunkStandin, path: str, form: Mapping[str, str]) -> list[str]:
    """What the page says although it saved."""
    return [message["text"] for message in splunk.post(path, **form)["messages"]]


def secrets(splunk: SplunkStandin) -> dict[str, dict[str, str]]:
    """Owner -> secrets, from Splunk's store; what stands in the store and is never read is under "?"."""
    pieces: dict[str, dict[int, str]] = {}
    for entry in splunk.get("storage/passwords", count="0")["entry"]:
        name, _, number = entry["content"]["username"].partition(_SEPARATOR)
        pieces.setdefault(name, {})[int(number)] = entry["content"]["clear_password"]
    return {name: _joined([parts[number] for number in sorted(parts)]) for name, parts in pieces.items()}


def _joined(parts: list[str]) -> dict[str, str]:
    end = parts.index(CredentialManager.END_MARK)
    found: dict[str, str] = json.loads("".join(parts[:end]))
    return {**found, **({"?": "".join(parts[end + 1 :])} if parts[end + 1 :] else {})}


def choose(splunk: SplunkStandin, tab: str, **values: str) -> None:
    """Settings as they lie in the conf, without the page."""
    splunk.post(f"configs/conf-ta_qualyscloudplatform_settings/{tab}", **values)


def add_input(splunk: SplunkStandin, name: str = INPUT, **params: str) -> str:
    """An input that is due at once. Returns its name."""
    splunk.post("data/inputs/qualys", name=name, **{"metric": INPUT, "duration": "1h", **params})
    return name


def set_up(splunk: SplunkStandin, platform: QualysStandin, **changed: str) -> str:
    """An account saved without a test, and an input that never tries twice. Returns the input's name."""
    splunk.post(ACCOUNT, **account_form(platform, skip_test="1", **changed))
    choose(splunk, "api", max_retries="0")
    return add_input(splunk)


def run_again(splunk: SplunkStandin, name: str = INPUT) -> None:
    """Wish, as on the Inputs page, that the next tick runs."""
    splunk.post(f"{CHECKPOINT}/{name}", action="run_now")


def errors(splunk: SplunkStandin) -> list[str]:
    """The add-on's ERROR lines, without their time and process."""
    return [line.partition("ERROR: ")[2] for line in splunk.log().splitlines() if ") ERROR: " in line]


def texts(splunk: SplunkStandin) -> list[str]:
    return [event["raw"] for event in splunk.events()]


def closed_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def spellings(secret: str) -> set[bytes]:
    """How a secret could lie around: as it is, in a URL, in JSON."""
    spelled = {secret, urlencode({"": secret})[1:], json.dumps(secret)[1:-1]}
    return {text.encode() for text in spelled}
