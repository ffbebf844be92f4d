"""splunk.clilib.cli_common."""

# The names are Splunk's.
# ruff: noqa: N802

from __future__ import annotations

import json
from urllib.parse import quote

import splunk.rest


def getConfKeyValue(conf: str, stanza: str, key: str) -> str:
    """One setting of a conf, as splunkd sees it."""
    path = f"/servicesNS/nobody/-/configs/conf-{conf}/{quote(stanza, safe='')}"
    _, body = splunk.rest.simpleRequest(path, getargs={"output_mode": "json"})
    return str(json.loads(body)["entry"][0]["content"][key])
