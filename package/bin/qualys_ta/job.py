"""One due input as one pull: joins what (populator), how (api) and where (splunk).

checkpoint -> window -> page … -> events, flush -> checkpoint … -> close
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .api.fo import FoClient
from .api.pages import PageFolder
from .api.patience import Patience
from .api.transport import HttpsTransport
from .model import Feed, Request, Shard, Window
from .pull import Pull, summary
from .splunk import state
from .splunk.invocation import Stanza
from .splunk.keeper import Keeper
from .splunk.log import Log
from .splunk.seen import SeenEvents, seen_path
from .splunk.settings import Settings
from .splunk.sink import StreamSink

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Job:
    """An input that is due, its lock held: all that its pull needs. `folder` is splunkd's checkpoint_dir."""

    folder: Path
    stanza: Stanza
    app_home: Path
    log: Log
    params: Mapping[str, Any]
    feed: Feed
    sink: StreamSink
    settings: Settings

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
        client = self._client()
        seen = SeenEvents(seen_path(self.folder, self.stanza.name), self.key)
        try:
            self._start_again(keeper, seen)
            params = self.feed.params(self.settings.metric)
            checkpoint, window = self._window(keeper.state, client.first(params))
            first = client.first({**params, **self.feed.since_params(window.since)})
            run = self._log_start(window)
            totals = self._pull_of(keeper, client, seen, checkpoint, first, window.since).run(window)
        finally:
            seen.close()
        self.log.info(summary(totals, run, started))

    def _pull_of(
        self,
        keeper: Keeper,
        client: FoClient,
        seen: SeenEvents,
        checkpoint: state.Checkpoint,
        first: Request,
        since: str,
    ) -> Pull:
        def save(open_window: Window) -> None:
            keeper.put_checkpoint(self.key, replace(checkpoint, open=open_window))

        def close(done: Window) -> None:
            keeper.put_checkpoint(self.key, state.Checkpoint(checkpoint.since if done.full else done.until))

        return Pull(
            first=first,
            fetch=client.fetch,
            convert=self.feed.converter(self.settings.metric, since),
            owns=self.shard.owns,
            sink=self.sink,
            seen=seen,
            save=save,
            close=close,
            log=self.log,
        )

    def _log_start(self, window: Window) -> dict[str, str]:
        run = {
            "index": self.stanza.index or "default",
            "since": window.since,
            "pull": "full" if window.full else "changes",
        }
        facts = {"metric": self.feed.name, "account": self.settings.account.name, "shard": str(self.shard), **run}
        self.log.info(
            f"Started: {' '.join(f'{name}={value}' for name, value in facts.items())} page={window.pages + 1}"
        )
        return run

    def _client(self) -> FoClient:
        api, account, name = self.settings.api, self.settings.account, self.feed.name
        pages = Path(api["temp_dir"]) if api["temp_dir"] else self.app_home / "tmp"
        quota = api["temp_quota_mb"] * MEGABYTE
        folder = PageFolder(pages / name / self.stanza.name, name, quota, api["preserve_api_output"])
        folder.open()
        return FoClient(
            transport=HttpsTransport(account, account.api_server, self.settings.proxy, api["api_timeout"]),
            feed=self.feed,
            version=api[self.feed.version_setting],
            user_params=self.settings.metric[self.feed.params_setting],
            folder=folder,
            patience=Patience(api["max_retries"], api["retry_interval_seconds"]),
            log=self.log,
        )

    def _start_again(self, keeper: Keeper, seen: SeenEvents) -> None:
        """Move the checkpoint to where a person wants it, once."""
        since = keeper.state.start_again
        if since:
            seen.forget()
            moved = keeper.state.with_checkpoint(self.key, state.Checkpoint(since))
            keeper.put(replace(moved, start_again=""))
            self.log.warning(f"The checkpoint was moved to {since}, as a person asked.")

    def _window(self, known: state.State, request: Request) -> tuple[state.Checkpoint, Window]:
        """The window that is open, if it still asks the same of the same platform; else a new one from the checkpoint.

        An input that has no checkpoint at all goes on where the vendor's add-on stopped; one that was pointed at
        another account starts from its start date.
        """
        start_date = str(self.params["start_date"])
        vendors = "" if known.checkpoints else state.vendor_since(self.folder, self.stanza.name)
        checkpoint = known.checkpoints.get(self.key) or state.Checkpoint(vendors)
        fingerprint = self._fingerprint(request)
        full = self.feed.is_full(self.settings.metric)
        window = checkpoint.open
        if window is not None and (window.fingerprint, window.full) == (fingerprint, full):
            return checkpoint, window
        if window is not None:
            self.log.warning("Account, platform or parameters changed while a pull was open: it is opened again.")
        since = start_date if full else checkpoint.since or start_date
        return checkpoint, Window(since=since, fingerprint=fingerprint, full=full)

    def _fingerprint(self, request: Request) -> str:
        """What must not change within a window: platform, user, path with version, parameters."""
        account = self.settings.account
        told = json.dumps([account.api_server, account.username, request.as_json()], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()
