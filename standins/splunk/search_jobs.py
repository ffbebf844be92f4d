"""search/jobs: the one search UCC's pages start, for the add-on's version and build in their footer.

A search is done the moment it is created. What it finds is app.conf, whatever it asked for.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from standins.splunk.conf import ConfFiles
from standins.splunk.eai import Answer, Call, Resource

_DONE = {
    "dispatchState": "DONE",
    "doneProgress": 1,
    "isDone": True,
    "isFailed": False,
    "isPaused": False,
    "isFinalized": False,
    "isZombie": False,
    "isPreviewEnabled": False,
    "isRealTimeSearch": False,
    "resultCount": 1,
    "eventCount": 1,
    "scanCount": 1,
    "runDuration": 0.01,
    "ttl": 600,
    "messages": [],
}


class SearchJobs(Resource):
    """Jobs and their results, as JSON documents."""

    def __init__(self, confs: ConfFiles, app: str) -> None:
        self._confs = confs
        self._app = app

    def answer(self, call: Call, rest: Sequence[str]) -> Answer:
        if call.method == "POST" and not rest:
            return Answer(document={"sid": f"standin_{uuid.uuid4().hex[:12]}"}, status=201)
        if len(rest) > 1 and rest[1].startswith("results"):
            return Answer(document=self._results())
        if len(rest) > 1:
            return Answer(document={"messages": []})
        asked = rest[0] if rest else call.args.get("id", "")
        return Answer(document={"entry": [_job(sid) for sid in asked.split(",") if sid], "messages": []})

    def _results(self) -> dict[str, Any]:
        stanzas = self._confs.stanzas("app", self._app)
        found: dict[str, str] = {}
        for stanza in stanzas.values():
            found.update(stanza.settings)
        fields = sorted(found)
        return {"preview": False, "init_offset": 0, "fields": [{"name": name} for name in fields], "results": [found]}


def _job(sid: str) -> dict[str, Any]:
    return {"name": sid, "content": {"sid": sid, **_DONE}, "acl": {}, "links": {}}
