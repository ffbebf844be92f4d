"""What *Diagnose* in a row of the Account tab asks: one stage of the diagnosis, and which one comes next.

The page asks stage by stage: Splunk Web waits for an answer half a minute, and a person likes to see how far it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from splunk import admin
from splunktaucclib.rest_handler import util
from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint
from splunktaucclib.rest_handler.error import RestError

from ..console import Make, summary
from ..settings import ACCOUNT_CONF, go_straight_to_splunkd
from .splunkd import Splunkd, log

APP_HOME = Path(__file__).resolve().parents[4]


class DiagnosisHandler(admin.MConfigHandler):  # type: ignore[misc]
    """POST only, because it logs in to Qualys. Who may edit an account may diagnose it."""

    make: Make
    stages: Sequence[str]

    def setup(self) -> None:
        if self.requestedAction == admin.ACTION_EDIT:
            self.supportedArgs.addReqArg("stage")
            self.supportedArgs.addOptArg("broken")

    def handleList(self, conf_info: Any) -> None:  # noqa: N802
        """The stages there are, in their order."""
        conf_info["diagnosis"]["stages"] = ",".join(self.stages)

    def handleEdit(self, conf_info: Any) -> None:  # noqa: N802
        splunkd = Splunkd(self.getSessionKey())
        name, stage = self.callerArgs.id, self._given("stage")
        self._refuse_stranger(splunkd, name)
        if stage not in self.stages:
            raise RestError(400, f"There is no stage {stage!r}; use {', '.join(self.stages)}.")
        before = [word for word in self._given("broken").split(",") if word]
        diagnosis = type(self).make(get_splunkd_endpoint(), self.getSessionKey(), name, APP_HOME, os.environ)
        page_log = log(f"account {name}")
        lines = list(diagnosis.run(stage, before))
        page_log.hide([self.getSessionKey(), *diagnosis.secrets()])
        lines = [line._replace(found=page_log.cleaned(line.found), todo=page_log.cleaned(line.todo)) for line in lines]
        page_log.info(f"Diagnosis by {splunkd.person()}, {stage}: {summary(lines)}")
        conf_info[name]["lines"] = json.dumps([line._asdict() for line in lines])
        conf_info[name]["broken"] = ",".join(diagnosis.broken(stage, lines, before))

    def _refuse_stranger(self, splunkd: Splunkd, name: str) -> None:
        accounts = {entry["name"]: entry["acl"] for entry in splunkd.entries(f"configs/conf-{ACCOUNT_CONF}")}
        if name not in accounts or name == "default":
            raise RestError(404, f"There is no account {name}.")
        if not accounts[name].get("can_write"):
            raise RestError(403, f"You may not edit the account {name}, so you may not log in with it either.")

    def _given(self, argument: str) -> str:
        return str((self.callerArgs.data.get(argument) or [""])[0] or "").strip()


def serve(make: Make, stages: Sequence[str]) -> None:
    DiagnosisHandler.make = make
    DiagnosisHandler.stages = tuple(stages)
    util.remove_http_proxy_env_vars()
    go_straight_to_splunkd()
    admin.init(DiagnosisHandler, admin.CONTEXT_APP_ONLY)
