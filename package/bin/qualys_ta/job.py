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
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Protocol

from .api.fo import FoClient
from .api.pages import PageFolder
from .api.patience import Patience
from .api.transport import HttpsTransport
from .model import Feed, Request, Resource, Shard, Window
from .output import Output
from .pull import Pull, summary
from .splunk import state
from .splunk.invocation import Stanza
from .splunk.keeper import Keeper
from .splunk.log import Log
from .splunk.owner import Inputs
from .splunk.settings import Settings
from .splunk.sink import StreamSink

MEGABYTE = 1_000_000


class Work(Protocol):
    """What a metric does with its records."""

    @property
    def made_of(self) -> str:
        """What must not change within a window, beside its request."""

    @property
    def lookups(self) -> Mapping[str, str]:
        """The lookups that this input filled, and the store that each was made of."""

    def forget(self) -> None:
        """A person wants everything again."""

    def since(self, checkpoint: str, start_date: str) -> str:
        """Where a new window starts; "" for a pull of everything."""

    def output(self, since: str) -> Output: ...

    def finish(self) -> None:
        """Do what follows a closed window."""


@dataclass(frozen=True)
class Job:
    """An input that is due, its lock held: all that its pull needs. `folder` is splunkd's checkpoint_dir.

    `inputs` reads all inputs of this server, `lookups` names those that this one filled so far.
    """

    folder: Path
    stanza: Stanza
    app_home: Path
    log: Log
    params: Mapping[str, Any]
    feed: Feed
    sink: StreamSink
    settings: Settings
    inputs: Callable[[], Inputs]
    lookups: Mapping[str, str]

    @property
    def shard(self) -> Shard:
        return Shard(*self.params["shard"])

    @property
    def key(self) -> str:
        """Checkpoints are kept by account and shard."""
        return f"{self.settings.account.name} {self.shard}"

    def pull(self, keeper: Keeper) -> None:
        """Pull what is left of the open window, or of a new one. Any error leaves the window open."""
        started = time.monotonic()
        with contextlib.ExitStack() as stack:
            work = self._work(stack)
            self._start_again(keeper, work)
            client = self.client(self.feed.resource)
            params = self.feed.params(self.settings.metric)
            checkpoint, window = self._window(keeper.state, client.first(params), work)
            first = client.first({**params, **self.feed.since_params(window.since)})
            run = self._log_start(window)
            totals = self._pull_of(keeper, client, work.output(window.since), checkpoint, first).run(window)
            work.finish()
            keeper.put(replace(keeper.state, lookups=work.lookups))
        self.log.info(summary(totals, run, started))

    def _work(self, stack: contextlib.ExitStack) -> Work:
        """What this metric does with its records; only its own module is imported."""
        work: Work = import_module(f".work.{self.feed.output}", __package__).open_work(self, stack)
        return work

    def _pull_of(
        self, keeper: Keeper, client: FoClient, output: Output, checkpoint: state.Checkpoint, first: Request
    ) -> Pull:
        def save(open_window: Window) -> None:
            keeper.put_checkpoint(self.key, replace(checkpoint, open=open_window))

        def close(done: Window) -> None:
            keeper.put_checkpoint(self.key, state.Checkpoint(checkpoint.since if done.full else done.until))

        return Pull(first=first, fetch=client.fetch, output=output, save=save, close=close, log=self.log)

    def _log_start(self, window: Window) -> dict[str, str]:
        run = {
            "index": self.stanza.index or "default",
            "since": window.since or "ever",
            "pull": "full" if window.full else "changes" if window.since else "whole",
        }
        facts = {"metric": self.feed.name, "account": self.settings.account.name, "shard": str(self.shard), **run}
        self.log.info(
            f"Started: {' '.join(f'{name}={value}' for name, value in facts.items())} page={window.pages + 1}"
        )
        return run

    def client(self, resource: Resource) -> FoClient:
        """A client of one of the platform's resources, with this input's folder for pages."""
        api = self.settings.api
        pages = Path(api["temp_dir"]) if api["temp_dir"] else self.app_home / "tmp"
        quota = api["temp_quota_mb"] * MEGABYTE
        folder = pages / self.feed.name / self.stanza.name
        kept = PageFolder(folder, resource.name, quota, api["preserve_api_output"])
        kept.open()
        return FoClient(
            transport=self._transport,
            resource=resource,
            version=api[resource.version_setting],
            user_params=self.settings.metric.get(resource.params_setting, {}),
            folder=kept,
            patience=Patience(api["max_retries"], api["retry_interval_seconds"]),
            log=self.log,
        )

    @cached_property
    def _transport(self) -> HttpsTransport:
        account = self.settings.account
        return HttpsTransport(account, account.api_server, self.settings.proxy, self.settings.api["api_timeout"])

    def _start_again(self, keeper: Keeper, work: Work) -> None:
        """Move the checkpoint to where a person wants it, once."""
        since = keeper.state.start_again
        if since:
            work.forget()
            moved = keeper.state.with_checkpoint(self.key, state.Checkpoint(since))
            keeper.put(replace(moved, start_again=""))
            self.log.warning(f"The checkpoint was moved to {since}, as a person asked.")

    def _window(self, known: state.State, request: Request, work: Work) -> tuple[state.Checkpoint, Window]:
        """The window that is open, if it still asks the same of the same platform; else a new one from the checkpoint.

        An input that has no checkpoint at all goes on where the vendor's add-on stopped; one that was pointed at
        another account starts from its start date.
        """
        start_date = str(self.params["start_date"])
        vendors = "" if known.checkpoints else state.vendor_since(self.folder, self.stanza.name)
        checkpoint = known.checkpoints.get(self.key) or state.Checkpoint(vendors)
        fingerprint = self._fingerprint(request, work.made_of)
        full = self.feed.is_full(self.settings.metric)
        window = checkpoint.open
        if window is not None and (window.fingerprint, window.full) == (fingerprint, full):
            return checkpoint, window
        if window is not None:
            self.log.warning("Account, platform or parameters changed while a pull was open: it is opened again.")
        since = start_date if full else work.since(checkpoint.since, start_date)
        return checkpoint, Window(since=since, fingerprint=fingerprint, full=full)

    def _fingerprint(self, request: Request, made_of: str) -> str:
        """What must not change within a window: platform, user, path with version, parameters, what it is made of."""
        account = self.settings.account
        told = json.dumps([account.api_server, account.username, request.as_json(), made_of], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()
