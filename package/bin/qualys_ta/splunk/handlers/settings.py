"""The tabs beside *Accounts*: each saved as a whole, when the table accepts all of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint
from splunktaucclib.rest_handler.endpoint import MultipleModel
from splunktaucclib.rest_handler.handler import RestHandler

from ... import APP
from ...account import Proxy
from .. import fields, owner
from ..field_table import STANZAS
from ..seed_place import seed_place
from ..settings import SETTINGS_CONF, proxy_from
from .splunkd import Splunkd, log
from .table_handler import TableHandler, kept_secrets, rest_model
from .table_handler import serve as serve_endpoint

APP_HOME = Path(__file__).resolve().parents[4]
TABS = tuple(stanza for stanza in STANZAS if stanza not in ("account", "input"))
ENDPOINT = MultipleModel(SETTINGS_CONF, [rest_model(tab, name=tab) for tab in TABS], app=APP)


class SettingsHandler(TableHandler):
    """Edits one tab at a time."""

    def prepared(self, stored: Mapping[str, str], given: Mapping[str, str], conf_info: Any) -> dict[str, str]:  # noqa: ARG002
        tab = self.callerArgs.id
        values = {**stored, **given, **kept_secrets(tab, stored, given)}
        if tab == "proxy" and not values.get("proxy_username"):
            values["proxy_password"] = ""
        texts = fields.texts(tab, values)
        found = fields.checked(tab, texts)
        if found.get("kb_lookups"):
            owner.refuse_lookups(Splunkd(self.getSessionKey()).inputs())
        if found.get("enable_seed_file_generation"):
            instance_type = Splunkd(self.getSessionKey()).instance_type()
            seed_place(str(found["seed_file_path"]), APP_HOME, instance_type, os.environ)
        return texts

    def saved(self) -> None:
        tab = self.callerArgs.id
        Splunkd(self.getSessionKey()).drop_leftover_secrets(ENDPOINT.internal_endpoint, tab)
        log(f"settings {tab}").info("The settings were saved.")


def proxy_in_use(session_key: str) -> Optional[Proxy]:
    """The proxy as it is stored now, if one is to be used."""
    stored = next(iter(RestHandler(get_splunkd_endpoint(), session_key, ENDPOINT).get("proxy", decrypt=True))).content
    return proxy_from(fields.checked("proxy", stored))


def serve() -> None:
    serve_endpoint(ENDPOINT, SettingsHandler)
