"""A metric of short lists that are pulled whole, one after the other: tags, then asset groups."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Callable, Optional

from ..chains import Fetch, Fetched, Pages
from ..errors import AuthError, Refused
from ..feed import Conversion
from ..job import Job
from ..model import Request, Window
from ..output import KnowledgeOutput, Output
from ..populator import asset_groups, asset_lists
from ..populator.asset_tags import GROUPS_SETTING
from ..splunk.asset_store import AssetStore, lists_path
from .paging import Reader
from .tables import write_lists


@dataclass(frozen=True)
class ListOutput(KnowledgeOutput):
    """`begin` hears of each pull that starts anew."""

    begin: Callable[[], None] = lambda: None

    def open(self, window: Window) -> None:
        if not window.pages:
            self.begin()


@dataclass
class ListWork:
    """The store of an input's lists, and the lookups made of it."""

    job: Job
    store: AssetStore
    lookups: Mapping[str, str] = field(default_factory=dict)

    @property
    def made_of(self) -> str:
        return self.job.feed.made_of(self.job.settings.metric)

    def forget(self, whole: bool) -> None:  # noqa: ARG002 - all comes anew in each pull
        self.store.forget_sent()

    def since(self, _checkpoint: str, _start_date: str) -> str:
        """Each pull is whole."""
        return ""

    def output(self, since: str) -> Output:
        job = self.job
        return ListOutput(
            name=job.stanza.name,
            convert=job.feed.resource.converter(Conversion(job.settings.metric, since)),
            event=asset_lists.event,
            with_events=job.settings.metric["log_tag_events"],
            sink=job.sink,
            store=self.store,
            publish=self._publish,
            log=job.log,
            begin=self.store.begin,
        )

    def conversion(self, _since: str) -> None:
        """Records are read from the page: they become rows, too."""

    def estimate(self, _reader: Reader, _since: str, _first: Fetched) -> str:
        """It is little."""
        return ""

    def pages(self, reader: Reader, _window: Window) -> Pages:
        if not self.job.settings.metric[GROUPS_SETTING]:
            return one_list_after_the_other(None)
        first = reader(asset_groups.RESOURCE).first(asset_groups.PARAMS)
        second = Request(first.path, first.params, resource=asset_groups.RESOURCE.name)
        return one_list_after_the_other(second, self._write)

    def finish(self) -> str:
        """Nothing follows a closed window."""
        return ""

    def _publish(self) -> None:
        self.store.complete({*self.job.inputs(), self.job.stanza.name})
        self._write()

    def _write(self) -> None:
        written = write_lists(self.job.app_home, self.store)
        self.lookups = dict.fromkeys(written, lists_path(self.job.folder).name)


def one_list_after_the_other(second: Optional[Request], refused: Callable[[], None] = lambda: None) -> Pages:
    """The pages of the first list, then those of the second. `refused` hears where only the second cannot be had."""

    def pages(fetch: Fetch, first: Request) -> Generator[Fetched, None, None]:
        request: Optional[Request] = first
        while request is not None:
            is_second = second is not None and request.resource == second.resource
            try:
                page = fetch(request)
            except (AuthError, Refused):
                if is_second:
                    refused()
                raise
            request = page.next or (None if is_second else second)
            yield Fetched(page, request)

    return pages


def open_work(job: Job, stack: contextlib.ExitStack) -> ListWork:
    store = AssetStore(lists_path(job.folder), job.stanza.name, job.settings.account.name)
    stack.callback(store.close)
    return ListWork(job, store, job.lookups)
