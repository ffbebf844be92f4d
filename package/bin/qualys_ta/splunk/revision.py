"""Whether people saved anything since: a stamp of the conf files that hold accounts, settings, secrets and inputs.

An input that waits for a person compares this stamp at every tick, so it must cost no network and no parsing. The
account handler writes a new `revision` value at every save, so the stamp changes even when nothing else did.
"""

from __future__ import annotations

from pathlib import Path

FILES = (
    "ta_qualyscloudplatform_account.conf",
    "ta_qualyscloudplatform_settings.conf",
    "passwords.conf",
    "inputs.conf",
)


def revision(app_home: Path, input_app: str) -> str:
    """The stamp. `input_app` is the app whose local folder holds the input (Data Inputs may save it elsewhere)."""
    local = app_home / "local"
    paths = [local / name for name in FILES]
    if input_app and input_app != app_home.name:
        paths.append(app_home.parent / input_app / "local" / "inputs.conf")
    return " ".join(map(_stamp, paths))


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}.{found.st_size}"
