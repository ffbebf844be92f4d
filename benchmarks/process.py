"""How long a process took, and the peak memory of it or of any process it started, as the operating system counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

_KILOBYTE = 1 if sys.platform == "darwin" else 1024
# A small process starts the one that is measured: a child's peak counts what its parent had when it was started. What a
# process is told of its child covers that one's own children only if they were waited for; those that were not are
# inherited (PR_SET_CHILD_SUBREAPER, Linux) and asked, too.
_WATCHER = """
import json, os, sys, time
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(36, 1)
nothing = os.open(os.devnull, os.O_WRONLY)
started = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing, 1)])
status, used = os.wait4(child, 0)[1:]
seconds, peak = time.perf_counter() - started, used.ru_maxrss
try:
    while True:
        peak = max(peak, os.wait4(-1, 0)[2].ru_maxrss)
except ChildProcessError:
    pass
print(json.dumps([seconds, peak, os.WEXITSTATUS(status), os.WIFSIGNALED(status)]))
"""


@dataclass(frozen=True)
class Used:
    """What a process used; what it printed went to the null device. `peak_mb` is the largest process's alone."""

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
