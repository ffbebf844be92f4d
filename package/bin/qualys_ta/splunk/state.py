"""What an input remembers between ticks: when it started, how that ended, and its checkpoints.

One JSON file per input, ``<checkpoint_dir>/<input>.json``, replaced atomically. Its checkpoints are kept by account and
shard, so that an input that is pointed at another subscription does not inherit a foreign checkpoint. A tick reads this
file and nothing else to see that it is not due.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Optional

from ..errors import ConfigError
from ..private import FOLDER_MODE
from ..times import epoch_s, is_time, time_or_nothing, to_the_second, utc
from .checkpoint import Checkpoint, checkpoint_from
from .files import write_whole
from .schedule import LocalTime, Schedule

OUTCOMES = NEVER, RUNNING, CLOSED, LATER, HELD = "never", "running", "closed", "later", "held"
"""Outcome of the last start. RUNNING that nobody runs is a kill: due at the next tick."""

LONGEST_BACKOFF_S = 3600
MEND_AGAIN_S = 600
LONGEST_WAIT_S = 86_400
MOST_ATTEMPTS = 10
RUN_NOW, START_AGAIN = "run_now", "start_again"
DAMAGED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a file raises that holds something else than what we wrote."""


@dataclass(frozen=True)
class State:
    first_seen: float = 0.0
    last_start: Optional[float] = None
    outcome: str = NEVER
    message: str = ""
    attempts: int = 0
    retry_at: float = 0.0
    revision: str = ""
    start_again: str = ""
    checkpoints: Mapping[str, Checkpoint] = field(default_factory=dict)
    lookups: Mapping[str, str] = field(default_factory=dict)
    """The lookups that this input filled, and the store in the checkpoint folder that each was made of."""
    mend_at: float = 0.0
    """When to try again to write lookups that were lost."""

    def is_due(self, schedule: Schedule, now: float, revision: str, local: LocalTime) -> bool:
        """Design: a kill goes on at once, TryLater backs off, a refused account waits for a person."""
        if self.outcome == RUNNING:
            return True
        if self.outcome == HELD:
            return revision != self.revision
        if self.outcome == LATER:
            return now >= self.retry_at or (self.last_start or 0.0) > now
        return schedule.is_due(self.last_start, self.first_seen, now, local)

    def started(self, now: float, wish: Optional[Ask] = None) -> State:
        again = wish.since if wish and wish.action == START_AGAIN else self.start_again
        return replace(self, last_start=now, outcome=RUNNING, message="", start_again=again)

    def closed(self, message: str = "") -> State:
        """All went well; `message` says what a person should know all the same."""
        return replace(self, outcome=CLOSED, message=message, attempts=0)

    def later(self, message: str, now: float, wait_s: Optional[float]) -> State:
        """Backoff of 1, 2, 4 … 60 minutes, or longer where the platform named a longer wait (at most a day)."""
        backoff_s = min(60 * 2**self.attempts, LONGEST_BACKOFF_S)
        retry_at = now + min(max(backoff_s, wait_s or 0.0), LONGEST_WAIT_S)
        return replace(
            self, outcome=LATER, message=message, attempts=min(self.attempts + 1, MOST_ATTEMPTS), retry_at=retry_at
        )

    def held(self, message: str, revision: str) -> State:
        return replace(self, outcome=HELD, message=message, revision=revision, attempts=0)

    def what_next(self) -> str:
        """When the input is tried again, for people."""
        if self.outcome == HELD:
            return "The input waits until somebody saves the account, a setting or the input, or asks it to run."
        return f"Next try: {utc(self.retry_at)}."

    def with_checkpoint(self, key: str, checkpoint: Checkpoint) -> State:
        return replace(self, checkpoints={**self.checkpoints, key: checkpoint})


def checkpoint_folder(environ: Mapping[str, str]) -> Path:
    """Where splunkd keeps the checkpoints of this scheme; the same folder it names on stdin."""
    database = environ.get("SPLUNK_DB") or Path(environ.get("SPLUNK_HOME", ""), "var", "lib", "splunk")
    return Path(database) / "modinputs" / "qualys"


def state_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def backup_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json.bak"


def _ask_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.ask"


_GONE = "The checkpoint {} is gone, although the input has run before: it starts anew, and events come again."


def load(folder: Path, name: str, now: float) -> tuple[State, str]:
    """The input's state, and a warning for people ("" where all is well).

    A file that cannot be read is set aside and the copy of the last closed window is used, else the input starts anew
    from its start date: events may repeat, none is lost. One that somebody deleted is not replaced by the copy. Raises
    OSError where the folder cannot be read or written.
    """
    path = state_path(folder, name)
    try:
        return read(path), ""
    except FileNotFoundError:
        return State(first_seen=now), _GONE.format(path) if backup_path(folder, name).exists() else ""
    except DAMAGED as error:
        aside = path.with_name(f"{path.name}.unreadable-{int(now)}")
        path.replace(aside)
        try:
            state, source = read(backup_path(folder, name)), "the copy of the last closed window is used"
        except (OSError, *DAMAGED):
            state, source = State(first_seen=now), "the pull starts again from the start date"
        return state, f"The checkpoint {path} cannot be read ({error}); it was set aside as {aside.name}; {source}."


def save(folder: Path, name: str, state: State, *, backup: bool = False) -> None:
    """Write the state so that a kill leaves the old or the new one. Raises OSError."""
    text = json.dumps({"v": 1, **asdict(state)}, indent=1)
    write_whole(state_path(folder, name), text)
    if backup:
        write_whole(backup_path(folder, name), text)


def read(path: Path) -> State:
    """Every value is checked: people edit this file, and a wrong one must not stop the input for good."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["v"] != 1:
        raise ValueError("written by a newer version")
    if data["outcome"] not in OUTCOMES:
        raise ValueError(f"unknown outcome {data['outcome']!r}")
    return State(
        first_seen=epoch_s(data["first_seen"]),
        last_start=None if data["last_start"] is None else epoch_s(data["last_start"]),
        outcome=data["outcome"],
        message=str(data["message"]),
        attempts=min(max(int(data["attempts"]), 0), MOST_ATTEMPTS),
        retry_at=epoch_s(data["retry_at"]),
        revision=str(data["revision"]),
        start_again=time_or_nothing(data.get("start_again", "")),
        checkpoints={key: checkpoint_from(value) for key, value in data["checkpoints"].items()},
        lookups={str(name): Path(str(store)).name for name, store in data.get("lookups", {}).items()},
        mend_at=epoch_s(data.get("mend_at", 0.0)),
    )


def vendor_since(folder: Path, metric: str) -> str:
    """The `last_run_datetime` that the vendor's add-on left for this metric; "" where there is none to honor."""
    try:
        found = json.loads((folder / metric).read_text(encoding="utf-8"))["last_run_datetime"]
    except (OSError, *DAMAGED):
        return ""
    moment = to_the_second(str(found))
    return moment if is_time(moment) else ""


@dataclass(frozen=True)
class Ask:
    """What a person asked of an input, once: run now, or start again from `since`."""

    action: str
    since: str = ""


def ask(folder: Path, name: str, action: str, since: str = "") -> None:
    """Leave the wish where the next tick finds it. Raises ConfigError for a wish that makes no sense."""
    if action not in (RUN_NOW, START_AGAIN):
        raise ConfigError(f"Action {action!r} is unknown: use {RUN_NOW} or {START_AGAIN}.", "action")
    if action == START_AGAIN and not is_time(since):
        raise ConfigError(f"Start again from {since!r}: use YYYY-MM-DDTHH:MM:SSZ, in UTC.", "since")
    if action == START_AGAIN and since > utc(time.time()):
        raise ConfigError(f"Start again from {since!r}: that lies in the future.", "since")
    waiting = asked(folder, name)
    if action == RUN_NOW and waiting and waiting.action == START_AGAIN:
        return  # to start again is to run now, and more
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        write_whole(_ask_path(folder, name), json.dumps({"action": action, "since": since}))
    except OSError as error:
        raise ConfigError(f"Cannot write to the checkpoint folder {folder}: {error.strerror}.") from None


def asked(folder: Path, name: str) -> Optional[Ask]:
    """The wish that waits, if one does."""
    try:
        data = json.loads(_ask_path(folder, name).read_text(encoding="utf-8"))
        return Ask(str(data["action"]), str(data["since"]))
    except (OSError, *DAMAGED):
        return None


def answered(folder: Path, name: str, wish: Ask) -> None:
    """Forget the wish, but not another one that came meanwhile."""
    if asked(folder, name) == wish:
        _ask_path(folder, name).unlink(missing_ok=True)
