"""The folders that a run writes into: whether splunkd's user may, and whether there is room."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..checks import FAILED, WARNING, Found
from .log import FILE_NAME, log_path
from .state import checkpoint_folder

MEGABYTE = 1_000_000
LITTLE = 100 * MEGABYTE
_TRIAL = b"A trial of the add-on's diagnosis.\n" * 100


@dataclass(frozen=True)
class Place:
    """A folder. `room` bytes should be free in it. `is_made`: a run creates it where it is missing.

    `files` matches what a run opens again, so it must be writable, too.
    """

    name: str
    label: str
    folder: Path
    room: int = LITTLE
    is_made: bool = True
    files: str = ""

    def look(self) -> Found:
        """Write there and remove it again. Raises OSError for what the system refuses."""
        there = self.folder
        while not there.exists() and self.is_made and there != there.parent:
            there = there.parent
        if not there.is_dir():
            return Found(f"{there} is no folder", FAILED, "Create it, for the user that runs splunkd.")
        try:
            _write(there)
        except OSError as error:
            whose = f"This is {person()}; it belongs to {owner(there)}."
            todo = f"It must be writable for the user that runs splunkd. {whose}"
            return Found(f"cannot write to {there}: {error.strerror}", FAILED, todo)
        closed = next(self._closed(), None)
        if closed:
            todo = f"It belongs to {owner(closed)}: give it to the user that runs splunkd. This is {person()}."
            return Found(f"{closed} cannot be written", FAILED, todo)
        free = shutil.disk_usage(there).free
        found = f"{self.folder} {'is writable' if there == self.folder else 'can be made'}, {free // MEGABYTE} MB free"
        if free < self.room:
            todo = f"A run may need {self.room // MEGABYTE} MB: free space, or choose another place."
            return Found(found, WARNING, todo)
        return Found(found)

    def _closed(self) -> Iterator[Path]:
        for path in sorted(self.folder.glob(self.files)) if self.files else ():
            if path.is_file() and not os.access(path, os.R_OK | os.W_OK):
                yield path


def places(app_home: Path, environ: Mapping[str, str], temp_dir: str = "", quota_mb: int = 0) -> tuple[Place, ...]:
    """All there are; `temp_dir` and `quota_mb` are the settings of the tab API."""
    downloads = Path(temp_dir) if temp_dir else app_home / "tmp"
    logs = log_path(environ).parent
    return (
        Place("checkpoints", "Folder for checkpoints", checkpoint_folder(environ), files="*"),
        Place("downloads", "Folder for downloads", downloads, room=max(quota_mb * MEGABYTE, LITTLE)),
        Place("lookups", "Folder for lookups", app_home / "lookups"),
        Place("log", "Folder for the log", logs, is_made=False, files=f"{FILE_NAME}*"),
    )


def _write(folder: Path) -> None:
    """A file without a name, where the system knows such; it is gone whatever happens."""
    with tempfile.TemporaryFile(dir=folder) as trial:
        trial.write(_TRIAL)
        trial.flush()
        os.fsync(trial.fileno())


def person() -> str:
    """Who this process is, for people."""
    return _name(os.geteuid()) if hasattr(os, "geteuid") else os.environ.get("USERNAME", "?")


def owner(path: Path) -> str:
    return _name(path.stat().st_uid)


def _name(number: int) -> str:
    try:
        import pwd  # not on Windows

        return pwd.getpwuid(number).pw_name
    except (ImportError, KeyError):
        return f"user {number}"


def become_splunk(home: Path) -> str:
    """Root goes on as the user that runs splunkd: what root may, that one may not, and root's files would lock it out.

    That is who owns splunkd's PID file, else Splunk's folder. Returns the name, "" where nothing changed. There is no
    way back.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return ""
    pid = home / "var" / "run" / "splunk" / "splunkd.pid"
    there = (pid if pid.exists() else home).stat()
    if there.st_uid == 0:
        return ""
    name = _name(there.st_uid)
    try:
        os.initgroups(name, there.st_gid)
    except (OSError, KeyError):  # a number without a name
        os.setgroups([there.st_gid])
    os.setgid(there.st_gid)
    os.setuid(there.st_uid)
    return name
