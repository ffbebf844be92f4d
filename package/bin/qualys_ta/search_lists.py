"""What ``bin/search_list.py`` does in Qualys: joins the account's settings (splunk) and the call (api)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .api.actions import Actions, Done
from .api.transport import HttpsTransport
from .populator import search_list
from .splunk.settings import Settings, read_settings


@dataclass(frozen=True)
class SearchLists:
    """The search lists of one account ("": the only one there is), with the rights of a Splunk session.

    Settings are read when they are needed first. Raises TaError.
    """

    server_uri: str
    session_key: str
    account: str

    @cached_property
    def settings(self) -> Settings:
        return read_settings(self.server_uri, self.session_key, self.account, "api")

    def listed(self, params: Mapping[str, str], *, static: bool) -> Iterator[dict[str, Any]]:
        resource = search_list.STATIC if static else search_list.DYNAMIC
        for each in self._actions.listed(resource, self._version, {"action": "list", **params}):
            yield search_list.told(each)

    def change(self, action: str, params: Mapping[str, str]) -> Done:
        """Create, update or delete a dynamic list."""
        return self._actions.done(search_list.DYNAMIC, self._version, {"action": action, **params})

    @property
    def _version(self) -> str:
        return str(self.settings.api[search_list.DYNAMIC.version_setting])

    @cached_property
    def _actions(self) -> Actions:
        account = self.settings.account
        timeout_s = float(self.settings.api["api_timeout"])
        return Actions(HttpsTransport(account, account.api_server, self.settings.proxy, timeout_s))
