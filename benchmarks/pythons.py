"""The Python interpreters of this machine, by version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Optional

VERSIONS = ("3.9", "3.13")
"""Those that Splunk 9.3 to 10.x bring."""

_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


@cache
def interpreter(version: str) -> Optional[str]:
    """The first one found of this version: our own, on the PATH, or one of pyenv's; None where there is none."""
    return next((path for path in _candidates(version) if _version(path) == version), None)


def how_to_get(version: str) -> str:
    return f"there is no Python {version} on the PATH or in pyenv; to get it: pyenv install {version}"


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    pyenv = shutil.which("pyenv")
    if pyenv:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False).stdout.strip()
        yield from map(str, sorted(Path(root, "versions").glob(f"{version}.*/bin/python")))


def _version(path: str) -> str:
    """What it says it is; "" where it cannot be started (a shim of a version that is not there)."""
    try:
        return subprocess.run([path, "-c", _ASK], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
