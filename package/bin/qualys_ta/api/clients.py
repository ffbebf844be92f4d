"""The clients of one run: one for each list that its metric asks, with one folder, one gate and one patience."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

from ..feed import LOCAL, Feed, Resource
from ..model import Log, Page, Request
from ..spool import Convert
from .client import ApiClient
from .gate import Gate
from .local import LocalFiles
from .pages import PageFolder
from .patience import Patience
from .transport import Transport

MEGABYTE = 1_000_000

Reader = Callable[[Resource], ApiClient]
"""A client for records of any list."""


@dataclass(frozen=True)
class Clients:
    """`transport` gives that of a dialect. `api` and `metric` are what a person set on these tabs; pages lie in
    `folder`."""

    feed: Feed
    transport: Callable[[str], Transport]
    api: Mapping[str, Any]
    metric: Mapping[str, Any]
    folder: Path
    log: Log

    def new(self, resource: Resource) -> ApiClient:
        """A client of its own; what an earlier run left of pages is removed."""
        quota = self.api["temp_quota_mb"] * MEGABYTE
        kept = PageFolder(self.folder, resource.name, quota, self.api["preserve_api_output"])
        kept.open()
        return ApiClient(
            transport=self._transport(resource),
            resource=resource,
            version=self.api.get(resource.version_setting, ""),
            user_params=self.metric.get(resource.params_setting, {}),
            chosen=self.feed.chosen,
            folder=kept,
            patience=Patience(self.api["max_retries"], self.api["retry_interval_seconds"]),
            log=self.log,
            gate=Gate(self._downloads, self.api["retry_interval_seconds"]),
        )

    def other(self, client: ApiClient, resource: Resource, convert: Optional[Convert] = None) -> ApiClient:
        """The same client for another list; its calls count among those of the first."""
        params = self.metric[resource.params_setting] if resource.params_setting else client.user_params
        version = self.api.get(resource.version_setting, "")
        transport = self._transport(resource)
        return replace(
            client, transport=transport, resource=resource, version=version, user_params=params, convert=convert
        )

    def in_one_try(self, client: ApiClient, resource: Resource) -> ApiClient:
        """For what may be had or not."""
        other = replace(self.other(client, resource), patience=Patience(0, 0.0))
        return replace(other, gate=Gate()) if self._downloads == 1 else other  # else a page fetched ahead is waited for

    def fetch(self, client: ApiClient) -> Callable[[Request], Page]:
        """Each request goes to the list of the feed that it asks for."""
        others = {each.name: self.other(client, each, client.convert) for each in self.feed.others}
        clients = {"": client, **others}
        return lambda request: clients[request.resource].fetch(request)

    def _transport(self, resource: Resource) -> Transport:
        return LocalFiles() if resource.dialect == LOCAL else self.transport(resource.dialect)

    @property
    def _downloads(self) -> int:
        return int(self.metric.get(self.feed.threads_setting, 1))
