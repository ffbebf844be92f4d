"""From what a person typed to a typed value: one small function per kind of setting.

Each takes the stripped text, never empty, and returns the value to store and to use; it raises ConfigError with a
message that says what is wrong and what is allowed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from pathlib import PurePosixPath, PureWindowsPath
from typing import Callable
from urllib.parse import SplitResult, urlsplit

from ..errors import ConfigError
from ..populator import posture_api
from ..populator.host_detection_api import parse_params
from ..populator.was_filters import parse_filters
from ..times import is_time, to_the_second
from . import schedule

Check = Callable[[str], object]

ACCOUNT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""No dot: solnlib deletes an account's secrets by a pattern made of its name, and a dot would match its neighbors."""
INPUT_NAME = r"^[A-Za-z0-9.-][A-Za-z0-9_.-]{0,63}$"
VERSION = r"^\d{1,2}\.\d{1,2}$"
HOST = r"^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$"
HOST_OR_ADDRESS = r"^[A-Za-z0-9_.:\[\]-]*$"
"""What a browser can tell of either; `host` tells the rest."""

HTTPS = r"^https://[^\s/?#@<>]+/?$"
START_DATE = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"
SHARD = r"^\d{1,3}/\d{1,3}$"

SPLUNK_HOME = "$SPLUNK_HOME/"
"""What a path may start with; splunkd's documentation writes its folder so."""

_RESERVED_NAMES = frozenset({"default", ".", ".."})  # splunkd's own
_ON = frozenset({"1", "true", "t", "yes", "y", "on"})
_OFF = frozenset({"0", "false", "f", "no", "n", "off", "none"})


def flag(text: str) -> bool:
    """Splunk's ways to write yes and no."""
    lowered = text.lower()
    if lowered not in _ON | _OFF:
        raise ConfigError(f"{text!r} is neither on (1) nor off (0).")
    return lowered in _ON


def number(low: int, high: int) -> Check:
    def check(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,12}", text, re.ASCII) or not low <= int(text) <= high:
            raise ConfigError(f"{text!r} is not a whole number from {low} to {high}.")
        return int(text)

    return check


def one_of(values: Collection[str]) -> Check:
    def check(text: str) -> str:
        if text not in values:
            raise ConfigError(f"{text!r} is unknown; choose one of {', '.join(values)}.")
        return text

    return check


def some_of(values: Collection[str]) -> Check:
    """A comma list, in the order given and each name once; in the letter case of `values`."""
    names = {value.upper(): value for value in values}

    def check(text: str) -> tuple[str, ...]:
        given = (name.strip().upper() for name in text.split(",") if name.strip())
        chosen = tuple(dict.fromkeys(names.get(name, name) for name in given))
        unknown = [name for name in chosen if name not in values]
        if unknown:
            raise ConfigError(f"{', '.join(unknown)} is no field to choose; choose from {', '.join(values)}.")
        return chosen

    return check


def matching(pattern: str, message: str) -> Check:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ConfigError(f"{text!r} {message}")
        return text

    return check


def input_name(text: str) -> str:
    if text in _RESERVED_NAMES or not re.fullmatch(INPUT_NAME, text, re.ASCII):
        raise ConfigError(
            f"{text!r} cannot name an input: use 1 to 64 letters, digits, '_', '.' or '-', not starting with '_'."
        )
    return text


def path(text: str) -> str:
    """An absolute path on the server that runs the add-on (either way of writing it)."""
    if not (PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()):
        raise ConfigError(f"{text!r} is not an absolute path on this server.")
    return text


def seed_path(text: str) -> str:
    """An absolute path, or one that starts with ``$SPLUNK_HOME/``, without a step back. What is there, is not asked."""
    if not text.startswith(SPLUNK_HOME):
        path(text)
    if ".." in re.split(r"[/\\]", text) or not text.isprintable():
        raise ConfigError(f"{text!r} is not a plain path: it must hold neither .. nor control characters.")
    return text


def server(text: str) -> str:
    """``https://host[:port]`` in lower case; a scheme left out is https, and a trailing slash goes."""
    parts = _split(text if "://" in text else f"https://{text}")
    if parts.scheme != "https":
        raise ConfigError(
            f"{_shown(text)!r} is not https; credentials are never sent over plain http. Use https://<host>."
        )
    if parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ConfigError(f"{_shown(text)!r} holds more than a server; use https://<host> or https://<host>:<port>.")
    host(parts.hostname or "")
    return f"https://{parts.netloc.lower()}"


def _shown(text: str) -> str:
    """What a message may repeat: a password that was typed into an address stays out of it."""
    before, at, after = text.rpartition("@")
    return f"******@{after}" if at else before + after


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where the port is no number
    except ValueError as error:
        raise ConfigError(
            f"{_shown(url)!r} is not a URL ({error}); use https://<host> or https://<host>:<port>."
        ) from None
    return parts


def host(text: str) -> str:
    """A host name (dots and hyphens allowed), an IPv4 or an IPv6 address."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        if not re.fullmatch(HOST, text, re.ASCII):
            raise ConfigError(
                f"{_shown(text)!r} is not a host: use a name such as proxy-1.example.com or an IP address, "
                "without http:// and without a port."
            ) from None
    return text


def username(text: str) -> str:
    if ":" in text or not text.isprintable():
        raise ConfigError("A user name holds no colon and no control character: HTTP could not carry it.")
    return text


def duration(text: str) -> str:
    schedule.parse(text)
    return text


def start_date(text: str) -> str:
    moment = to_the_second(text)
    if not is_time(moment):
        raise ConfigError(f"{text!r} is not a UTC time such as 2024-01-31T00:00:00Z.")
    return moment


def shard(text: str) -> tuple[int, int]:
    """``k/n``: the k-th of n equal parts of the hosts."""
    part, _, parts = text.partition("/")
    if not re.fullmatch(SHARD, text, re.ASCII) or not 1 <= int(part) <= int(parts):
        raise ConfigError(f"{text!r} is not a part such as 2/4 (the second of four).")
    return int(part), int(parts)


def api_params(text: str) -> dict[str, str]:
    return parse_params(text)


def posture_params(text: str) -> dict[str, str]:
    return posture_api.parse_params(text)


def was_filters(text: str) -> dict[str, str]:
    return parse_filters(text)
