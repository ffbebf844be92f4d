"""The Python interpreters of this machine, by version."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Optional

VERSIONS = ("3.9", "3.13")
"""Those that Splunk 9.3 to 10.x bring."""

ROOT = Path(__file__).resolve().parents[1]
_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"
_CALL = """
import importlib, json, sys
module, function, arguments = json.loads(sys.argv[1])
print(json.dumps(getattr(importlib.import_module(module), function)(*arguments)))
"""


@cache
def interpreter(version: str) -> Optional[str]:
    """The first one found of this version: our own, on the PATH, or one of pyenv's; None where there is none."""
    return next((path for path in _candidates(version) if _version(path) == version), None)


def how_to_get(version: str) -> str:
    return f"there is no Python {version} on the PATH or in pyenv; to get it: pyenv install {version}"


def exact_version(python: Optional[str]) -> str:
    """Such as ``3.13.1``; "" for None."""
    return "" if python is None else _said(python, "import platform; print(platform.python_version())")


def call(python: str, module: str, function: str, *arguments: Any) -> Any:
    """What the function of this module of ours returns in another interpreter; all of it goes as JSON."""
    told = json.dumps([module, function, arguments])
    done = subprocess.run([python, "-c", _CALL, told], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module}.{function} failed: {done.stderr}")
    return json.loads(done.stdout)


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
    return _said(path, _ASK)


def _said(path: str, code: str) -> str:
    """What the code prints; "" where it cannot be started (a shim of a version that is not there)."""
    try:
        return subprocess.run([path, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
