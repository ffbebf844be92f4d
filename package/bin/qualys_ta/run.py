"""The run of one due input, from its lock to how it ended. The only broad `except` is here.

    lock -> state -> settings -> pull (see `job`) -> how it ended

How a run ends decides when the next one starts, see `State.is_due`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Optional

from . import populator
from .errors import AuthError, ConfigError, TaError, TryLater
from .job import Job, Sink
from .private import make_folder, open_new
from .splunk import fields, leftovers, state
from .splunk.due import is_due, must_mend
from .splunk.files import locked, sweep
from .splunk.forms import SEED, form_of, stream_form
from .splunk.invocation import Invocation, Stanza
from .splunk.keeper import Keeper
from .splunk.log import Log
from .splunk.lookups import place_stubs
from .splunk.revision import revision
from .splunk.seed_file import SeedFile
from .splunk.seed_place import seed_place
from .splunk.seed_sink import SeedSink
from .splunk.settings import Settings, instance_type, read_inputs, read_settings
from .splunk.sink import PipeClosed, Stopped, StreamSink


def run(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log) -> int:
    """Run the input unless another process does already. Returns the exit code."""
    with locked(invocation.checkpoint_dir / f"{stanza.name}.lock") as held:
        if not held:
            log.info("Another process is running this input already; this start ends here.")
            return 0
        now = time.time()
        known, _ = state.load(invocation.checkpoint_dir, stanza.name, now)
        known = _with_lookups(invocation.checkpoint_dir, stanza.name, app_home, log, known, now)
        if not is_due(known, invocation, stanza, app_home, now):
            return 0
        sweep(state.state_path(invocation.checkpoint_dir, stanza.name))
        sweep(state.backup_path(invocation.checkpoint_dir, stanza.name))
        with _pid_file(app_home, stanza.name, log):
            return _run_locked(invocation, stanza, app_home, log, known)


def _with_lookups(folder: Path, name: str, app_home: Path, log: Log, known: state.State, now: float) -> state.State:
    """Write again what this input filled and somebody replaced, for instance a deployment server. Returns the state."""
    if not must_mend(known, app_home, now):
        return known
    from .work.tables import restore  # not needed by any other start

    place_stubs(app_home)
    try:
        known = replace(known, lookups=restore(folder, app_home, known.lookups))
    except (OSError, sqlite3.Error) as error:
        log.error(f"Lookups were lost and cannot be written again; tried again in ten minutes. {_one_line(error)}")
        known = replace(known, mend_at=now + state.MEND_AGAIN_S)
    else:
        told = ", ".join(known.lookups) or "none, because their store is lost, too; the next run pulls everything"
        log.warning(f"Lookups were lost and are written again: {told}.")
    state.save(folder, name, known)
    return known


def _run_locked(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log, known: state.State) -> int:
    saved = revision(app_home, stanza.app)  # before settings are read: who saves while we run is not missed
    keeper = Keeper(invocation.checkpoint_dir, stanza.name, known)
    try:
        _start(invocation, stanza, log, keeper)
        message = _run(invocation, stanza, app_home, log, keeper)
        keeper.put(keeper.state.closed(message), backup=True)
    except Stopped:
        log.info("Stopped by splunkd; the window stays open and the next start goes on where the last page ended.")
        return 0
    except PipeClosed as error:
        log.warning(f"{error}; the window stays open and the next start goes on.")
        return 1
    except Exception as error:  # noqa: BLE001 - the one place where anything unforeseen becomes a line
        ended = _ended(keeper.state, error, saved)
        log.error(_one_line(error))
        log.info(ended.what_next())
        with contextlib.suppress(OSError):
            keeper.put(ended)
        return 1
    return 0


def _start(invocation: Invocation, stanza: Stanza, log: Log, keeper: Keeper) -> None:
    """Note the start, and what a person asked for: once, so the wish is removed as soon as it is noted."""
    folder, name = invocation.checkpoint_dir, stanza.name
    wish = state.asked(folder, name)
    keeper.put(keeper.state.started(time.time(), wish))
    if wish:
        log.info(f"Asked by a person: {wish.action} {wish.since}")
        state.answered(folder, name, wish)


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
    if isinstance(error, sqlite3.Error):
        return f"A store in the checkpoint folder (*.seen, *.db) cannot be used: {error}."
    return f"Unforeseen {type(error).__name__}: {error}; please report it with this line. {_where(error)}"


def _where(error: Exception) -> str:
    """Module and line of the innermost frame: enough to find it, nothing of the data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""


def _run(invocation: Invocation, stanza: Stanza, app_home: Path, log: Log, keeper: Keeper) -> str:
    """Settings, sink, pull; returns what a person should know of it.

    Whether this server's role may run the metric belongs here, before the pull.
    """
    params = fields.checked("input", {**stanza.params, "name": stanza.name})
    feed = populator.load(str(params["metric"]))
    settings = read_settings(invocation.server_uri, invocation.session_key, str(params["account"]), feed.settings)
    log.set_level(settings.loglevel)
    log.hide(settings.secrets())
    place_stubs(app_home)
    left = leftovers.warning(app_home)
    if left:
        log.warning(left)
    form = stream_form(stanza.full_name, feed.sourcetype, stanza.index, stanza.host)
    with _receiver(invocation, app_home, settings, form, log) as (sink, form):
        return Job(
            folder=invocation.checkpoint_dir,
            stanza=stanza,
            app_home=app_home,
            log=log,
            params=params,
            feed=feed,
            sink=sink,
            settings=settings,
            inputs=lambda: read_inputs(invocation.server_uri, invocation.session_key),
            lookups=keeper.state.lookups,
            form=form,
        ).pull(keeper)


@contextlib.contextmanager
def _receiver(
    invocation: Invocation, app_home: Path, settings: Settings, form: dict[str, str], log: Log
) -> Iterator[tuple[Sink, dict[str, str]]]:
    """Where events go, and what they look like there. The stream is whole also where none go into it."""
    stream = StreamSink(_take_stdout(), form_of(form))
    try:
        sink = _seed_sink(invocation, app_home, settings, log) or stream
        signal.signal(signal.SIGTERM, lambda *_: sink.stop())
        try:
            yield sink, form if sink is stream else {"name": SEED}
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is left, noting how it ended, takes no time
            if sink is not stream:
                sink.close()
    finally:
        with contextlib.suppress(PipeClosed):
            stream.close()


def _seed_sink(invocation: Invocation, app_home: Path, settings: Settings, log: Log) -> Optional[SeedSink]:
    """The .seed file, if the metric's tab asks for one. Raises ConfigError for a place that is not allowed any more."""
    if not settings.metric.get("enable_seed_file_generation"):
        return None
    kind = instance_type(invocation.server_uri, invocation.session_key)
    place = seed_place(str(settings.metric["seed_file_path"]), app_home, kind, os.environ)
    log.info(f"Events go into {place.path} and not into Splunk (setting enable_seed_file_generation).")
    return SeedSink(SeedFile(place, invocation.checkpoint_dir, time.time()))


def _take_stdout() -> int:
    """Our own descriptor of splunkd's pipe; whatever else prints goes to standard error, not into the stream."""
    sys.stdout.flush()
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


@contextlib.contextmanager
def _pid_file(app_home: Path, name: str, log: Log) -> Iterator[None]:
    """``<app>/tmp/<input>.pid`` for people; nothing depends on it."""
    path = app_home / "tmp" / f"{name}.pid"
    try:
        if not path.parent.is_symlink():  # people move it to a larger disk
            make_folder(path.parent)
        with os.fdopen(open_new(path), "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
    except OSError as error:
        log.warning(f"Cannot write {path}: {error.strerror}.")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
