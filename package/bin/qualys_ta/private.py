"""Files and folders for nobody but their owner, whatever the umask, and whoever was there before us."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)  # Windows has none


def open_new(path: Path, flags: int = os.O_WRONLY) -> int:
    """A descriptor of an empty private file. Raises OSError, also where a link waits in the file's place."""
    return os.open(path, flags | os.O_CREAT | os.O_TRUNC | _NO_LINK, FILE_MODE)


def make_folder(path: Path) -> None:
    """A private folder; one that was open to others is closed.

    Raises OSError, also for a link (to follow it would close, or empty, a folder that is not ours) and for a folder of
    another user, who could open it again.
    """
    path.mkdir(mode=FOLDER_MODE, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise OSError(0, "It is a link; remove it", str(path))
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise OSError(0, "It belongs to another user; remove it, or choose another folder", str(path))
    mode = stat.S_IMODE(found.st_mode)
    if mode & ~FOLDER_MODE:
        path.chmod(mode & FOLDER_MODE)
