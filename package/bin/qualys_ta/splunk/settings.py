"""What people set, read from splunkd once per run: conf values and the secrets that belong to them.

Secrets come from Splunk's password store, in the form splunktaucclib writes, and stay in memory.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

from .. import APP
from ..account import Account, Proxy
from ..errors import ConfigError, NoSplunkd, TryLater
from ..platforms import gateway_for
from . import fields

ACCOUNT_CONF = "ta_qualyscloudplatform_account"
SETTINGS_CONF = "ta_qualyscloudplatform_settings"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Everything one run needs to know. `accounts` names all there are, `metric` are the values of the metric's tab."""

    account: Account
    accounts: tuple[str, ...]
    proxy: Optional[Proxy]
    api: Mapping[str, Any]
    metric: Mapping[str, Any]
    loglevel: str

    def secrets(self) -> list[str]:
        """What the log must hide."""
        proxy_password = self.proxy.password if self.proxy else ""
        return [self.account.password, self.account.client_key_password, proxy_password]


def read_settings(server_uri: str, session_key: str, account: str, stanza: str) -> Settings:
    """The account named (or the only one), the proxy, and the tabs *API*, *Logging* and the metric's own.

    Raises ConfigError for a value that cannot be used and TryLater where splunkd does not answer.
    """
    splunkd = ConfReader(server_uri, session_key)
    accounts = splunkd.conf(ACCOUNT_CONF)
    tabs = splunkd.conf(SETTINGS_CONF)
    chosen = fields.account_for(account, list(accounts))
    return Settings(
        account=account_named(chosen, accounts[chosen]),
        accounts=tuple(accounts),
        proxy=proxy_from(fields.checked("proxy", tabs.get("proxy", {}))),
        api=fields.checked("api", tabs.get("api", {})),
        metric=fields.checked(stanza, tabs.get(stanza, {})),
        loglevel=str(tabs.get("logging", {}).get("loglevel", "INFO")).upper(),
    )


def account_named(name: str, found: Mapping[str, Any]) -> Account:
    """An account from its conf values, checked as the configuration page checks them. Raises ConfigError."""
    values = fields.checked("account", {"name": name, **found})
    api_server = str(values["api_server"])
    return Account(
        name=name,
        api_server=api_server,
        gateway_server=str(values["gateway_server"]) or gateway_for(api_server),
        **{
            key: str(values[key])
            for key in ("username", "password", "ca_bundle", "client_cert", "client_key", "client_key_password")
        },
    )


def read_inputs(server_uri: str, session_key: str) -> Mapping[str, Mapping[str, str]]:
    """All inputs of this add-on on this server, with their parameters. Raises as `read_settings`."""
    return ConfReader(server_uri, session_key).inputs()


def instance_type(server_uri: str, session_key: str) -> str:
    """What kind of Splunk this server is, such as ``cloud``; "" where it does not say. Raises as `read_settings`."""
    return ConfReader(server_uri, session_key).instance_type()


def params_by_name(entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Inputs as splunkd lists them: name -> parameters."""
    return {entry["name"]: {key: str(value) for key, value in entry["content"].items()} for entry in entries}


def session_user(server_uri: str, session_key: str) -> str:
    """Whose session it is; asked once, where the other calls repeat it for seconds. Raises as `read_settings`."""
    return ConfReader(server_uri, session_key).user()


def proxy_from(values: Mapping[str, Any]) -> Optional[Proxy]:
    if not values["use_proxy"]:
        return None
    return Proxy(
        server=str(values["proxy_server"]),
        port=int(values["proxy_port"]),
        username=str(values["proxy_username"]),
        password=str(values["proxy_password"]),
    )


def go_straight_to_splunkd() -> None:
    """The libraries that talk to splunkd shall neither show the session key to a proxy of the environment nor replace
    it by a login from the .netrc of splunkd's user."""
    os.environ["NO_PROXY"] = ",".join(_LOOPBACK)
    os.environ["NETRC"] = os.devnull


class ConfReader:
    """splunkd's conf endpoints, over its own loopback address (the one place where TLS is not verified)."""

    def __init__(self, server_uri: str, session_key: str) -> None:
        parts = urlsplit(server_uri)
        if parts.hostname not in _LOOPBACK:
            raise ConfigError(f"splunkd named {server_uri} as its address; only its loopback is trusted with secrets.")
        go_straight_to_splunkd()
        self._session_key = session_key
        self._server_uri = server_uri
        self._address = {"scheme": parts.scheme, "host": parts.hostname, "port": parts.port}

    def conf(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """Stanza -> values with secrets in clear; only stanzas of this add-on."""
        logging.disable(logging.CRITICAL)  # the libraries write tracebacks to standard error; our own line says it
        from requests.exceptions import RequestException
        from solnlib.conf_manager import ConfManager, ConfManagerException
        from solnlib.credentials import CredentialException, CredentialNotExistException
        from splunklib.binding import AuthenticationError, HTTPError

        realm = f"__REST_CREDENTIAL__#{APP}#configs/conf-{name}"
        try:
            manager = ConfManager(self._session_key, APP, realm=realm, **self._address)
            found = manager.get_conf(name).get_all(only_current_app=True)
        except ConfManagerException:
            return {}
        except (CredentialException, CredentialNotExistException):
            raise ConfigError(f"A password of {name} is missing in Splunk's store: enter it again and save.") from None
        except (HTTPError, AuthenticationError, RequestException, OSError) as error:
            raise TryLater(f"splunkd did not give the settings of {name} ({type(error).__name__}).") from None
        return {stanza: values for stanza, values in found.items() if stanza != "default"}

    def inputs(self) -> Mapping[str, Mapping[str, str]]:
        """Name -> parameters of every input, whichever app holds it."""
        return params_by_name(self._entries("data/inputs/qualys", "list the inputs"))

    def instance_type(self) -> str:
        return "".join(
            str(entry["content"].get("instance_type") or "")
            for entry in self._entries("server/info", "describe itself")
        )

    def user(self) -> str:
        found = self._entries("authentication/current-context", "accept the session")
        return "".join(str(entry["content"].get("username") or "") for entry in found)

    def _entries(self, path: str, what: str) -> list[dict[str, Any]]:
        logging.disable(logging.CRITICAL)
        from requests.exceptions import RequestException
        from solnlib.splunk_rest_client import SplunkRestClient
        from splunklib.binding import AuthenticationError, HTTPError

        try:
            client = SplunkRestClient(self._session_key, APP, **self._address)
            answer = client.get(path, output_mode="json", count=0)
            return list(json.loads(answer.body.read())["entry"])
        except (HTTPError, AuthenticationError) as error:
            raise TryLater(f"splunkd did not {what} ({type(error).__name__}).") from None
        except (RequestException, OSError) as error:
            raise NoSplunkd(f"splunkd cannot be reached at {self._server_uri} ({type(error).__name__}).") from None
