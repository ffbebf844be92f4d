"""How long one process took and how much memory it had at most, as the operating system counts it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

_KILOBYTE = 1 if sys.platform == "darwin" else 1024
# A small process starts the one that is measured: a child's peak counts what its parent had when it was started.
_WATCHER = """
import json, os, sys, time
nothing = os.open(os.devnull, os.O_WRONLY)
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)])
status, used = os.wait4(child, 0)[1:]
print(json.dumps([time.perf_counter() - started, used.ru_maxrss, os.WEXITSTATUS(status), os.WIFSIGNALED(status)]))
"""


@dataclass(frozen=True)
class Used:
    """What a process used; what it printed went to the null device."""

    seconds: float
    peak_mb: float
    returncode: int


def measured(command: Sequence[str], stdin: str = "", environment: Optional[Mapping[str, str]] = None) -> Used:
    """Run `command` (its first word a path) to its end. Raises RuntimeError where it was killed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _WATCHER, *command],
        input=stdin,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd="/",
    )
    seconds, peak, returncode, killed = json.loads(done.stdout)
    if killed:
        raise RuntimeError(f"{command[0]} was killed: {done.stderr}")
    return Used(seconds, peak * _KILOBYTE / 1e6, returncode)
