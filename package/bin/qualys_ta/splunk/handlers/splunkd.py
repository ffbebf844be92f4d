"""The few things the handlers ask of splunkd, with the rights of the person at the page."""

from __future__ import annotations

import json
import os
import re
from typing import Any
from urllib.parse import urlsplit

from solnlib.credentials import CredentialManager
from solnlib.splunk_rest_client import SplunkRestClient
from splunklib.binding import HTTPError
from splunktaucclib.rest_handler.admin_external import get_splunkd_endpoint

from ... import APP
from ..log import Log, log_path
from ..settings import params_by_name


def log(name: str) -> Log:
    """The add-on's log, with lines under the name of a page or an input."""
    return Log(log_path(os.environ), name)


class Splunkd:
    """splunkd's management API, seen by one person."""

    def __init__(self, session_key: str) -> None:
        parts = urlsplit(get_splunkd_endpoint())
        self._session_key = session_key
        self._address = {"scheme": parts.scheme, "host": parts.hostname, "port": parts.port}
        self._client = SplunkRestClient(session_key, APP, **self._address)

    def entries(self, path: str) -> list[dict[str, Any]]:
        """What there is under a path (name, content, acl); nothing where the path is unknown."""
        try:
            answer = self._client.get(path, output_mode="json", count=0)
        except HTTPError as error:
            if error.status == 404:
                return []
            raise
        return list(json.loads(answer.body.read())["entry"])

    def names(self, conf: str) -> list[str]:
        return [entry["name"] for entry in self.entries(f"configs/conf-{conf}") if entry["name"] != "default"]

    def stanza(self, conf: str, name: str) -> dict[str, str]:
        """The values of one stanza, without secrets; none where it is not there yet."""
        entries = self.entries(f"configs/conf-{conf}/{name}")
        return {key: str(value) for key, value in entries[0]["content"].items()} if entries else {}

    def inputs(self) -> dict[str, dict[str, str]]:
        """All inputs of this add-on: name -> parameters."""
        return params_by_name(self.entries("data/inputs/qualys"))

    def instance_type(self) -> str:
        """What kind of Splunk this is, such as ``cloud``; "" where it does not say."""
        entries = self.entries("server/info")
        return str(entries[0]["content"].get("instance_type") or "") if entries else ""

    def person(self) -> str:
        """Who is at the page."""
        entries = self.entries("authentication/current-context")
        return str(entries[0]["content"].get("username", "")) if entries else ""

    def mark_configured(self) -> None:
        """Ends Splunk's invitation to set the add-on up."""
        self._client.post(f"apps/local/{APP}", configured="1")

    def drop_leftover_secrets(self, endpoint: str, name: str) -> None:
        """Delete the pieces of a longer, older secret that solnlib leaves behind the end of the one in use.

        solnlib cuts a secret into entries ``<name>``splunk_cred_sep``<n>`` and marks the end; what follows the first
        mark is never read again, but would stay in the store.
        """
        realm = f"__REST_CREDENTIAL__#{APP}#{endpoint}"
        store = CredentialManager(self._session_key, APP, realm=realm, **self._address)
        pieces = {}
        for entry in store.get_raw_passwords_in_realm():
            found = re.fullmatch(re.escape(name) + re.escape(store.SEP) + r"(\d+)", entry.username)
            if found and entry.realm == realm:
                pieces[int(found.group(1))] = entry
        ends = [number for number, entry in pieces.items() if entry.clear_password == store.END_MARK]
        for number in sorted(pieces):
            if ends and number > min(ends):
                pieces[number].delete()
