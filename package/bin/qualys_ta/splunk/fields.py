"""The same check of settings for everyone: set-up pages, REST handlers, ``--validate-arguments`` and the run itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Callable

from ..errors import ConfigError
from ..populator import METRICS, host_filters, load, ticket_api
from ..times import utc
from .field import CHOICES, SECRET, Field
from .field_table import STANZAS
from .schedule import DAY_S


def checked(stanza: str, values: Mapping[str, str]) -> dict[str, object]:
    """The typed value of every setting of a stanza; a missing or empty one is its default.

    Types: bool, int, str, tuple, and a dict for API parameters. Only a list of fields may be chosen empty.
    Names that the table does not know are left out.
    Raises ConfigError with a line that names the setting by its label and says what is allowed.
    """
    found = {field.name: _value(field, values.get(field.name)) for field in STANZAS[stanza]}
    rule = _RULES.get(stanza)
    if rule:
        rule(found)
    return found


def texts(stanza: str, values: Mapping[str, str]) -> dict[str, str]:
    """The same as `checked`, but as the text to store: trimmed, servers in their one form, flags as 1 or 0."""
    typed = checked(stanza, values)
    return {field.name: _text(typed[field.name], _given(field, values.get(field.name))) for field in STANZAS[stanza]}


def _text(value: object, given: str) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else given


def _given(field: Field, stored: object) -> str:
    """The text that counts: what is stored, else the default; only a list of fields may be stored empty."""
    text = field.default if stored is None else str(stored)
    if field.kind != SECRET:
        text = text.strip()
    return text if text or field.kind == CHOICES else field.default


def _value(field: Field, stored: object) -> object:
    text = _given(field, stored)
    if not text:
        if field.required:
            raise ConfigError(f"{field.label} is missing.", field.name)
        return field.empty
    try:
        return field.check(text)
    except ConfigError as error:
        raise ConfigError(f"{field.label}: {error}", field.name) from None


def _account_rule(found: dict[str, object]) -> None:
    if found["client_key"] and not found["client_cert"]:
        raise ConfigError("Client certificate: a client key needs its certificate.", "client_cert")


def _proxy_rule(found: dict[str, object]) -> None:
    for name, label in (("proxy_server", "Host"), ("proxy_port", "Port")):
        if found["use_proxy"] and not found[name]:
            raise ConfigError(f"{label} is missing: a proxy that is used needs a host and a port.", name)


def _input_rule(found: dict[str, object]) -> None:
    found["metric"] = metric = found["metric"] or found["name"]
    if metric not in METRICS:
        raise ConfigError(
            f"Metric: there is no metric {metric!r}; choose one of {', '.join(METRICS)}, or name the input after one.",
            "metric",
        )
    if found["shard"] != (1, 1) and not load(str(metric)).of_hosts:
        raise ConfigError(f"Part of the hosts: {metric} is no list of hosts; leave this empty.", "shard")


def _vm_rule(found: dict[str, object]) -> None:
    if found["enable_seed_file_generation"] and not found["seed_file_path"]:
        raise ConfigError("Path of the .seed file is missing: name a folder or a file.", "seed_file_path")
    host_filters.check_together(found, "detection_params")


_RULES: Mapping[str, Callable[[dict[str, object]], None]] = {
    "account": _account_rule,
    "proxy": _proxy_rule,
    "vm": _vm_rule,
    "tickets": ticket_api.check_together,
    "input": _input_rule,
}


def account_for(chosen: str, accounts: Sequence[str]) -> str:
    """The account that an input uses: the chosen one, or the only one there is. Raises ConfigError."""
    if not accounts:
        raise ConfigError("Account: there is none yet; add one on the Configuration page.", "account")
    if chosen in accounts:
        return chosen
    known = ", ".join(sorted(accounts))
    if chosen:
        raise ConfigError(f"Account: there is no account {chosen!r}; choose one of {known}.", "account")
    if len(accounts) > 1:
        raise ConfigError(f"Account: there are several ({known}); choose one.", "account")
    return accounts[0]


def saved_account(values: Mapping[str, str], accounts: Sequence[str], now: float) -> str:
    """Check an input that a person saves, and return the account that it will use. Raises ConfigError.

    Only here may a start date not lie ahead: a run must not stop because this server's clock is wrong.
    """
    found = checked("input", values)
    if str(found["start_date"]) > utc(now + DAY_S):
        raise ConfigError(f"Start date: {found['start_date']} lies in the future.", "start_date")
    return account_for(str(found["account"]), accounts)
