"""One due input as one pull: joins what (populator), how (api) and where (splunk).

checkpoint -> window -> page … -> events, flush -> checkpoint … -> close
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Optional, Protocol

from .api.client import ApiClient
from .api.clients import Clients, Reader
from .api.gateway import GatewayTransport
from .api.transport import HttpsTransport
from .chains import Fetched, Pages
from .feed import GATEWAY, Feed, Resource
from .limits import Counting, Limits, Spent
from .model import EventSink, Request, Shard, Window
from .output import Output
from .pull import Pull, summary
from .splunk import state
from .splunk.checkpoint import Checkpoint
from .splunk.forms import form_of
from .splunk.invocation import Stanza
from .splunk.keeper import Keeper
from .splunk.log import Log
from .splunk.owner import Inputs
from .splunk.settings import Settings
from .splunk.windows import RESYNC, Windows
from .spool import Convert


class Work(Protocol):
    """What a metric does with its records."""

    @property
    def made_of(self) -> str:
        """What must not change within a window, beside its request."""

    @property
    def lookups(self) -> Mapping[str, str]:
        """The lookups that this input filled, and the store that each was made of."""

    def forget(self, whole: bool) -> None:
        """What went out is to be written again; `whole`: everything comes anew."""

    def since(self, checkpoint: str, start_date: str) -> str:
        """Where a new window starts; "" for a pull of everything."""

    def output(self, since: str) -> Output: ...

    def conversion(self, since: str) -> Optional[Convert]:
        """What makes events of a page as it arrives; None where records are read from the page."""

    def estimate(self, reader: Reader, since: str, first: Fetched) -> str:
        """How much a pull since then will be, for people, "" where that is clear. `first` is its first page."""

    def pages(self, reader: Reader, window: Window) -> Pages:
        """How the pages of the window are fetched. Calls of the `reader` count among those of the pull."""

    def finish(self) -> str:
        """Do what follows a closed window; returns what a person should know of the pull all the same, else ""."""


class Sink(EventSink, Counting, Protocol):
    """Where events go, and how many did."""


@dataclass(frozen=True)
class Job:
    """An input that is due, its lock held: all that its pull needs. `folder` is splunkd's checkpoint_dir.

    `inputs` reads all inputs of this server, `lookups` names those that this one filled so far. `form` says what events
    look like in the sink, see `splunk.forms`.
    """

    folder: Path
    stanza: Stanza
    app_home: Path
    log: Log
    params: Mapping[str, Any]
    feed: Feed
    sink: Sink
    settings: Settings
    inputs: Callable[[], Inputs]
    lookups: Mapping[str, str]
    form: Mapping[str, str]

    @property
    def shard(self) -> Shard:
        return Shard(*self.params["shard"])

    @property
    def key(self) -> str:
        """Checkpoints are kept by account and shard."""
        return f"{self.settings.account.name} {self.shard}"

    @property
    def limits(self) -> Limits:
        """What one run may write; of metrics that know no such settings, all."""
        return Limits(*(int(self.settings.metric.get(name, 0)) for name in Limits._fields))

    def pull(self, keeper: Keeper) -> str:
        """Pull what is left of the open window, or of a new one. Any error leaves the window open.

        So does a limit that is reached. Returns what a person should know, else "".
        """
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            work = self._work(stack)
            self._start_again(keeper, work)
            client = self.client(self.feed.resource)
            stack.callback(client.folder.close)
            params = self.feed.params(self.settings.metric)
            checkpoint, window = self._window(keeper.state, client.first(params), work)
            first = client.first(self.feed.first_params(params, window.since, time.time()))
            run = self._log_start(window)
            if window.resync and not window.pages:
                work.forget(whole=True)  # what went out of the last pull is written again, too
            since = "" if window.resync else window.since  # a resync writes findings that did not change, too
            client = replace(
                client, convert=work.conversion(since), keeps_lines=self.feed.keeps_lines(self.settings.metric)
            )
            pull = self._pull_of(keeper, client, work, work.output(since), checkpoint, first)
            pages = work.pages(partial(self._clients.other, client), window)
            totals = replace(pull, pages=pages).run(window)
            limit = self._enough() if not totals.until else ""
            told = f"Not all is pulled yet, the next run goes on at the input's next time: {limit}."
            told = told if limit else work.finish()
            keeper.put(replace(keeper.state, lookups=work.lookups))
        self.log.info(summary(totals, run, started))
        if limit:
            self.log.warning(told)
        return told

    def _work(self, stack: contextlib.ExitStack) -> Work:
        """What this metric does with its records; only its own module is imported."""
        work: Work = import_module(f".work.{self.feed.output}", __package__).open_work(self, stack)
        return work

    def _pull_of(
        self, keeper: Keeper, client: ApiClient, work: Work, output: Output, checkpoint: Checkpoint, first: Request
    ) -> Pull:
        def save(open_window: Window) -> None:
            keeper.put_checkpoint(self.key, replace(checkpoint, open=open_window))

        def close(done: Window) -> None:
            keeper.put_checkpoint(self.key, checkpoint.closed(done, time.time()))

        def begin(window: Window, fetched: Fetched) -> Window:
            if checkpoint.since or window.full or window.estimate:
                return window
            told = work.estimate(partial(self._clients.in_one_try, client), window.since, fetched)
            estimated = replace(window, estimate=told)
            if estimated.estimate:
                save(estimated)
            return estimated

        return Pull(
            first=first,
            fetch=self._clients.fetch(client),
            output=output,
            save=save,
            close=close,
            log=self.log,
            begin=begin,
            enough=self._enough,
            overlap=self.feed.overlap(self.settings.metric),
        )

    def _enough(self) -> str:
        """Why this run has written enough; "" while it has not."""
        return Spent(self.sink, form_of(self.form)).enough(self.limits)

    def _log_start(self, window: Window) -> dict[str, str]:
        run = {
            "index": self.stanza.index or "default",
            "since": window.since or "ever",
            "pull": "full" if window.full else "resync" if window.resync else "changes" if window.since else "whole",
        }
        facts = {"metric": self.feed.name, "account": self.settings.account.name, "shard": str(self.shard), **run}
        self.log.info(
            f"Started: {' '.join(f'{name}={value}' for name, value in facts.items())} page={window.pages + 1}"
        )
        return run

    def client(self, resource: Resource) -> ApiClient:
        """A client of one of the platform's lists, with this input's folder for pages."""
        return self._clients.new(resource)

    @cached_property
    def _clients(self) -> Clients:
        api = self.settings.api
        pages = Path(api["temp_dir"]) if api["temp_dir"] else self.app_home / "tmp"
        return Clients(
            feed=self.feed,
            transport=lambda dialect: self._gateway if dialect == GATEWAY else self._server,
            api=api,
            metric=self.settings.metric,
            folder=pages / self.feed.name / self.stanza.name,
            log=self.log,
        )

    @cached_property
    def _server(self) -> HttpsTransport:
        account = self.settings.account
        return HttpsTransport(account, account.api_server, self.settings.proxy, self._timeout_s)

    @cached_property
    def _gateway(self) -> GatewayTransport:
        return GatewayTransport(self.settings.account, self.settings.proxy, self._timeout_s)

    @property
    def _timeout_s(self) -> float:
        return float(self.settings.metric.get(self.feed.timeout_setting, self.settings.api["api_timeout"]))

    def _start_again(self, keeper: Keeper, work: Work) -> None:
        """Move the checkpoint to where a person wants it, once."""
        since = keeper.state.start_again
        if since:
            work.forget(whole=False)
            before = keeper.state.checkpoints.get(self.key) or Checkpoint()
            moved = keeper.state.with_checkpoint(self.key, replace(before, since=since, open=None))
            keeper.put(replace(moved, start_again=""))
            self.log.warning(f"The checkpoint was moved to {since}, as a person asked.")

    def _window(self, known: state.State, request: Request, work: Work) -> tuple[Checkpoint, Window]:
        settings = self.settings.metric
        windows = Windows(known, self.key, self.folder, self.stanza.name, str(self.params["start_date"]), self.log)
        fingerprint = self._fingerprint(request, work.made_of)
        return windows.open(fingerprint, self.feed.is_full(settings), int(settings.get(RESYNC, 0)), work.since)

    def _fingerprint(self, request: Request, made_of: str) -> str:
        """What must not change within a window: platform, user, path with version, parameters, what it is made of."""
        account = self.settings.account
        told = json.dumps([account.api_server, account.username, request.as_json(), made_of], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()
