"""Where a .seed file may lie: asked when a person saves the path, and again by each run that writes there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import APP
from ..errors import ConfigError
from ..populator import METRICS
from .field_checks import SPLUNK_HOME

SETTING, LABEL = "seed_file_path", "Path of the .seed file"
PRIVATE_FOLDER = 0o700
CLOUD = "cloud"
"""What server/info says of a server of Splunk Cloud as its instance_type."""

_OURS = f"$SPLUNK_HOME/etc/apps/{APP}/tmp"  # noqa: S108 - the add-on's own
_EVENT = b"HOST"
_SPLUNKS = ("bin", "etc", "lib", "share", "var/lib", "var/run")
"""Folders of SPLUNK_HOME that hold programs, configuration, indexes and state."""


@dataclass(frozen=True)
class SeedPlace:
    """A path that was found good. `is_folder`: each run gets a file of its own in it; else all append to one file."""

    path: Path
    is_folder: bool


def seed_place(text: str, app_home: Path, instance_type: str, environ: Mapping[str, str]) -> SeedPlace:
    """The place that the setting names. A folder that is missing is made below the add-on's tmp, nowhere else.

    Links are followed before anything is judged. Raises ConfigError for a place that is not allowed, is not there, or
    that splunkd's user may not write to.
    """
    home = environ.get("SPLUNK_HOME", "")
    named = text.replace("$SPLUNK_HOME", home, 1) if home and text.startswith(SPLUNK_HOME) else text
    path, tmp = _real(named), _real(app_home / "tmp")
    ours = _is_in(path, tmp)
    if ours and path.relative_to(tmp).parts[:1] in [(metric,) for metric in METRICS]:
        raise _refusal(f"{path} is where downloads lie, which are removed; choose another folder in {tmp}.")
    if not ours and instance_type == CLOUD:
        raise _refusal(f"on Splunk Cloud it must lie below {_OURS}.")
    if not ours and any(_is_in(path, folder) for folder in _protected(home, app_home, environ)):
        raise _refusal(f"Splunk needs what lies there; in its own folders only {_OURS} is for files like this.")
    is_folder = path.is_dir() or named.endswith(("/", os.sep)) or path == tmp
    folder = path if is_folder else path.parent
    if ours:
        _make(folder)
    if not folder.is_dir():
        raise _refusal(f"there is no folder {folder} on this server.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refusal(f"splunkd's user may not write to {folder}.")
    if not is_folder:
        _refuse_foreign(path)
    return SeedPlace(path, is_folder)


def _real(path: object) -> Path:
    return Path(os.path.realpath(str(path)))


def _is_in(path: Path, folder: Path) -> bool:
    return folder in (path, *path.parents)


def _protected(home: str, app_home: Path, environ: Mapping[str, str]) -> list[Path]:
    splunks = [Path(home, folder) for folder in _SPLUNKS] if home else []
    database = environ.get("SPLUNK_DB")
    return [_real(folder) for folder in (app_home, *splunks, *([database] if database else []))]


def _refuse_foreign(path: Path) -> None:
    """What is appended to must be ours: nobody shall damage another file by a setting."""
    try:
        if not path.is_file() and path.exists():
            raise _refusal(f"{path} is neither a file nor a folder.")
        with path.open("rb") as file:
            start = file.read(len(_EVENT))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refusal(f"{path} cannot be read: {error.strerror}.") from None
    if start and start != _EVENT:
        raise _refusal(f"{path} holds something else than events of this add-on; name another file.")
    if not os.access(path, os.W_OK):
        raise _refusal(f"splunkd's user may not write to {path}.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(f"{folder} cannot be made: {error.strerror}.") from None


def _refusal(why: str) -> ConfigError:
    return ConfigError(f"{LABEL}: {why}", SETTING)
