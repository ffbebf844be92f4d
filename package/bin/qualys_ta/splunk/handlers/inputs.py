"""The Inputs page: checks an input before splunkd does, in the page's own words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from splunktaucclib.rest_handler.endpoint import DataInputModel

from ... import APP
from .. import fields, owner
from ..settings import ACCOUNT_CONF, SETTINGS_CONF
from .splunkd import Splunkd, log
from .table_handler import TableHandler, rest_model
from .table_handler import serve as serve_endpoint

ENDPOINT = DataInputModel("qualys", rest_model("input", "disabled"), app=APP)


class InputsHandler(TableHandler):
    """Creates, edits, enables, disables and deletes inputs. A new one starts disabled, as default/inputs.conf says."""

    def handleCreate(self, conf_info: Any) -> None:  # noqa: N802
        self.payload.pop("disabled", None)
        super().handleCreate(conf_info)

    def prepared(self, stored: Mapping[str, str], given: Mapping[str, str], conf_info: Any) -> dict[str, str]:  # noqa: ARG002
        texts = fields.texts("input", {**stored, **given, "name": self.callerArgs.id})
        splunkd = Splunkd(self.getSessionKey())
        # Stored by its name, so that the input goes on when a second account is added.
        texts["account"] = fields.saved_account(texts, splunkd.names(ACCOUNT_CONF), time.time())
        lookups = fields.checked("kb", splunkd.stanza(SETTINGS_CONF, "kb"))["kb_lookups"]
        owner.refuse_second(self.callerArgs.id, texts, splunkd.inputs(), bool(lookups))
        return {key: text for key, text in texts.items() if key != "name"}

    def saved(self) -> None:
        log(self.callerArgs.id).info("The input was saved.")


def serve() -> None:
    serve_endpoint(ENDPOINT, InputsHandler)
