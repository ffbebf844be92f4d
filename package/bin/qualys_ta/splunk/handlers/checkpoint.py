"""What a row of the Inputs page shows and asks: an input's checkpoint, *Run now* and *Start again from*."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from splunk import admin
from splunktaucclib.rest_handler.error import RestError

from .. import state
from ..described import describe
from ..settings import go_straight_to_splunkd
from .splunkd import Splunkd, log
from .table_handler import telling_people


class CheckpointHandler(admin.MConfigHandler):  # type: ignore[misc]
    """GET shows, POST asks. Who may edit an input may ask it to run."""

    def setup(self) -> None:
        if self.requestedAction == admin.ACTION_EDIT:
            self.supportedArgs.addReqArg("action")
            self.supportedArgs.addOptArg("since")

    def handleList(self, conf_info: Any) -> None:  # noqa: N802
        splunkd = Splunkd(self.getSessionKey())
        for name in self._inputs(splunkd):
            log(name).debug(f"{splunkd.person()} looks at the checkpoint.")
            self._show(conf_info, name)

    def handleEdit(self, conf_info: Any) -> None:  # noqa: N802
        splunkd = Splunkd(self.getSessionKey())
        name = self.callerArgs.id
        if not self._inputs(splunkd)[name]["acl"].get("can_write"):
            raise RestError(403, f"You may not edit the input {name}, so you may not start it either.")
        action, since = (self._given(argument) for argument in ("action", "since"))
        with telling_people():
            state.ask(_folder(), name, action, since)
        log(name).info(f"{splunkd.person()} asks for action={action} since={since or 'checkpoint'}.")
        self._show(conf_info, name)

    def _inputs(self, splunkd: Splunkd) -> dict[str, Any]:
        """The inputs that this person sees, by name; the one asked for, if one is."""
        wanted = self.callerArgs.id
        found = {entry["name"]: entry for entry in splunkd.entries("data/inputs/qualys")}
        if wanted and wanted not in found:
            raise RestError(404, f"There is no input {wanted}.")
        return {wanted: found[wanted]} if wanted else found

    def _given(self, argument: str) -> str:
        return str((self.callerArgs.data.get(argument) or [""])[0] or "").strip()

    def _show(self, conf_info: Any, name: str) -> None:
        for key, text in describe(_folder(), name).items():
            conf_info[name][key] = text


def _folder() -> Path:
    return state.checkpoint_folder(os.environ)


def serve() -> None:
    go_straight_to_splunkd()
    admin.init(CheckpointHandler, admin.CONTEXT_APP_ONLY)
