"""The run of one due input: joins what (populator), how (api) and where (splunk). The only broad `except` is here.

    settings -> lock -> checkpoint -> window -> pages -> events, flush -> checkpoint … -> close

How a run ends decides when the next one starts, see `State.is_due`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import populator, pull
from .api.fo import FoClient
from .api.pages import PageFolder
from .api.patience import Patience
from .api.transport import HttpsTransport
from .errors import AuthError, ConfigError, TaError, TryLater
from .model import Feed, Request, Window
from .splunk import fields, leftovers, state
from .splunk.files import locked
from .splunk.log import Log
from .splunk.modinput import Invocation, Stanza, is_due
from .splunk.revision import revision
from .splunk.seen import SeenEvents, seen_path
from .splunk.settings import Settings, read_settings
from .splunk.sink import PipeClosed, Stopped, StreamSink

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Job:
    """One input, due, with its lock held."""

    invocation: Invocation
    stanza: Stanza
    app_home: Path
    log: Log
    params: Mapping[str, Any]
    feed: Feed
    sink: StreamSink

    @property
    def folder(self) -> Path:
        return self.invocation.checkpoint_dir

    @property
    def index(self) -> str:
        return self.stanza.params.get("index", "default")

    @property
    def shard(self) -> str:
        return "{}/{}".format(*self.params["shard"])


def run(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log) -> int:
    """Run the input unless another process does already. Returns the exit code."""
    with locked(invocation.checkpoint_dir / f"{stanza.name}.lock") as held:
        if not held:
            log.info("Another process is running this input already; this start ends here.")
            return 0
        now = time.time()
        known, _ = state.load(invocation.checkpoint_dir, stanza.name, now)
        if not is_due(known, invocation, stanza, app_home, now):
            return 0
        with _pid_file(app_home, stanza.name, log):
            return _run_locked(invocation, stanza, app_home, log, known.started(now))


def _run_locked(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log, known: state.State) -> int:
    folder, name = invocation.checkpoint_dir, stanza.name
    saved = revision(app_home, stanza.app)  # before settings are read: who saves while we run is not missed
    try:
        state.save(folder, name, known)
        keeper = _Keeper(folder, name, known)
        _run(invocation, stanza, app_home, log, keeper)
        keeper.put(keeper.state.closed(), backup=True)
    except Stopped:
        log.info("Stopped by splunkd; the window stays open and the next start goes on where the last page ended.")
        return 0
    except PipeClosed as error:
        log.warning(f"{error}; the window stays open.")
        return 1
    except Exception as error:  # noqa: BLE001 - the one place where anything unforeseen becomes a line
        log.error(_one_line(error))
        with contextlib.suppress(OSError):
            keeper.put(_ended(keeper.state, error, saved))
        return 1
    return 0


class _Keeper:
    """The input's state in memory and on disk, always the same."""

    def __init__(self, folder: Path, name: str, known: state.State) -> None:
        self._folder = folder
        self._name = name
        self.state = known

    def put(self, known: state.State, backup: bool = False) -> None:
        state.save(self._folder, self._name, known, backup=backup)
        self.state = known

    def put_checkpoint(self, key: str, checkpoint: state.Checkpoint) -> None:
        self.put(self.state.with_checkpoint(key, checkpoint))


def _ended(known: state.State, error: Exception, saved: str) -> state.State:
    if isinstance(error, (AuthError, ConfigError)):
        return known.held(str(error), saved)
    wait_s = error.wait_s if isinstance(error, TryLater) else None
    return known.later(str(error), time.time(), wait_s)


def _one_line(error: Exception) -> str:
    if isinstance(error, ConfigError) and error.setting:
        return f"{error} (setting: {error.setting})"
    if isinstance(error, TaError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"Cannot use {error.filename}: {error.strerror}."
    return f"Unforeseen {type(error).__name__}: {error}; please report it with this line. {_where(error)}"


def _where(error: Exception) -> str:
    """Module and line of the innermost frame: enough to find it, nothing of the data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""


def _run(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log, keeper: _Keeper) -> None:
    params = fields.checked("input", {**stanza.params, "name": stanza.name})
    feed = populator.load(str(params["metric"]))
    settings = read_settings(invocation.server_uri, invocation.session_key, str(params["account"]), feed.settings)
    log.set_level(settings.loglevel)
    log.hide(settings.secrets())
    left = leftovers.warning(app_home)
    if left:
        log.warning(left)
    index, host = stanza.params.get("index", ""), stanza.params.get("host", "") or invocation.server_host
    sink = StreamSink(_take_stdout(), stanza.full_name, feed.sourcetype, index, host)
    signal.signal(signal.SIGTERM, lambda *_: sink.stop())
    job = Job(invocation, stanza, app_home, log, params, feed, sink)
    try:
        _pull(job, settings, keeper)
    finally:
        with contextlib.suppress(PipeClosed):
            sink.close()


def _take_stdout() -> int:
    """Our own descriptor of splunkd's pipe; whatever else prints goes to standard error, not into the stream."""
    sys.stdout.flush()
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


def _pull(job: Job, settings: Settings, keeper: _Keeper) -> None:
    started = time.monotonic()
    key = f"{settings.account.name} {job.shard}"
    client = _client(job, settings)
    seen = SeenEvents(seen_path(job.folder, job.stanza.name), key)
    try:
        _obey(job, keeper, key, seen)
        params = job.feed.params(settings.metric)
        checkpoint, window = _window(job, settings, keeper.state, key, client.first(params))
        full = "full" if window.full else "changes"
        job.log.info(
            f"Started: metric={job.feed.name} account={settings.account.name} shard={job.shard} "
            f"index={job.index} since={window.since} pull={full} page={window.pages + 1}"
        )

        def save(open_window: Window) -> None:
            keeper.put_checkpoint(key, replace(checkpoint, open=open_window))

        def close(done: Window) -> None:
            keeper.put_checkpoint(key, state.Checkpoint(checkpoint.since if done.full else done.until))

        totals = pull.Pull(
            first=client.first({**params, **job.feed.since_params(window.since)}),
            fetch=client.fetch,
            convert=job.feed.converter(settings.metric, window.since),
            sink=job.sink,
            seen=seen,
            save=save,
            close=close,
            log=job.log,
        ).run(window)
    finally:
        seen.close()
    job.log.info(pull.summary(totals, {"index": job.index, "since": window.since, "pull": full}, started))


def _client(job: Job, settings: Settings) -> FoClient:
    api = settings.api
    pages = Path(api["temp_dir"]) if api["temp_dir"] else job.app_home / "tmp"
    folder = PageFolder(
        pages / job.feed.name / job.stanza.name,
        job.feed.name,
        api["temp_quota_mb"] * MEGABYTE,
        api["preserve_api_output"],
    )
    folder.open()
    return FoClient(
        transport=HttpsTransport(settings.account, settings.account.api_server, settings.proxy, api["api_timeout"]),
        feed=job.feed,
        version=api[job.feed.version_setting],
        user_params=settings.metric[job.feed.params_setting],
        folder=folder,
        patience=Patience(api["max_retries"], api["retry_interval_seconds"]),
        log=job.log,
    )


def _obey(job: Job, keeper: _Keeper, key: str, seen: SeenEvents) -> None:
    """Do what a person asked, once: *run now* needs nothing more, *start again* moves the checkpoint."""
    wish = state.asked(job.folder, job.stanza.name)
    if wish is None:
        return
    if wish.action == state.START_AGAIN:
        seen.forget()
        keeper.put_checkpoint(key, state.Checkpoint(wish.since))
        job.log.warning(f"Asked by a person: start again from {wish.since}.")
    else:
        job.log.info("Asked by a person: run now.")
    state.answered(job.folder, job.stanza.name)


def _window(
    job: Job, settings: Settings, known: state.State, key: str, request: Request
) -> tuple[state.Checkpoint, Window]:
    """The window that is open, if it still asks the same of the same platform; else a new one from the checkpoint.

    Without a checkpoint of ours, the one that the vendor's add-on left for this metric counts, then the start date.
    """
    start_date = str(job.params["start_date"])
    checkpoint = known.checkpoints.get(key) or state.Checkpoint(state.vendor_since(job.folder, job.stanza.name))
    fingerprint = _fingerprint(settings, request)
    full = job.feed.is_full(settings.metric)
    window = checkpoint.open
    if window is not None and (window.fingerprint, window.full) == (fingerprint, full):
        return checkpoint, window
    if window is not None:
        job.log.warning("Account, platform or parameters changed while a pull was open: it is opened again.")
    since = start_date if full else checkpoint.since or start_date
    return checkpoint, Window(since=since, fingerprint=fingerprint, full=full)


def _fingerprint(settings: Settings, request: Request) -> str:
    """What must not change within a window: platform, user, path with version, parameters."""
    account = settings.account
    told = json.dumps([account.api_server, account.username, request.as_json()], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


@contextlib.contextmanager
def _pid_file(app_home: Path, name: str, log: Log) -> Iterator[None]:
    """``<app>/tmp/<input>.pid`` for people; nothing depends on it."""
    path = app_home / "tmp" / f"{name}.pid"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
    except OSError as error:
        log.warning(f"Cannot write {path}: {error.strerror}.")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
