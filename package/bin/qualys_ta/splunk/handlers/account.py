"""The Account tab: an account is saved when the platform accepted it, and never partly."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Callable, Optional

from splunklib.binding import HTTPError
from splunktaucclib.rest_handler.endpoint import SingleModel

from ... import APP
from ...account import Account, Proxy
from ...errors import ConfigError
from .. import fields
from ..settings import ACCOUNT_CONF, account_named
from .settings import proxy_in_use
from .splunkd import Splunkd, log
from .table_handler import PLACEHOLDERS, TableHandler, kept_secrets, rest_model
from .table_handler import serve as serve_endpoint

ENDPOINT = SingleModel(ACCOUNT_CONF, rest_model("account"), app=APP, config_name="account")


ConnectionTest = Callable[[Account, Optional[Proxy]], str]
"""Proves that an account can log in; returns a warning or "". Handed in, because `splunk` knows nothing of `api`."""


class AccountHandler(TableHandler):
    """Creates, edits and deletes accounts with the rights of the person at the page."""

    test_connection: ConnectionTest

    def prepared(self, stored: Mapping[str, str], given: Mapping[str, str], conf_info: Any) -> dict[str, str]:
        name = self.callerArgs.id
        values = {**stored, **given, **kept_secrets("account", stored, given), "name": name}
        if values["password"] in PLACEHOLDERS:
            raise ConfigError("Password is missing.", "password")
        if not values.get("client_cert") and not values.get("client_key"):
            values["client_key_password"] = ""
        texts = fields.texts("account", values)
        if texts["skip_test"] == "0":
            self._test(name, texts, conf_info)
        # The run waits for a new revision after the platform refused an account; a random one differs after a
        # delete and a new start, too.
        kept = {key: text for key, text in texts.items() if key != "name"}
        return {**kept, "skip_test": "0", "revision": secrets.token_hex(8)}

    def _test(self, name: str, texts: Mapping[str, str], conf_info: Any) -> None:
        account = account_named(name, texts)
        proxy = proxy_in_use(self.getSessionKey())
        page_log = log(f"account {name}")
        page_log.hide([account.password, account.client_key_password, proxy.password if proxy else ""])
        warning = type(self).test_connection(account, proxy)
        if warning:
            page_log.warning(warning)
            conf_info.addWarnMsg(warning)

    def saved(self) -> None:
        name = self.callerArgs.id
        splunkd = Splunkd(self.getSessionKey())
        splunkd.drop_leftover_secrets(ENDPOINT.internal_endpoint, name)
        page_log = log(f"account {name}")
        try:
            splunkd.mark_configured()
        except HTTPError as error:
            page_log.warning(f"Saved, but splunkd did not mark the add-on as set up: {error}")
        page_log.info("The account was saved.")


def serve(test_connection: ConnectionTest) -> None:
    AccountHandler.test_connection = test_connection
    serve_endpoint(ENDPOINT, AccountHandler)
