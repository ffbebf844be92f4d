"""var/log/splunk/splunkd.log, in splunkd's own line format."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timezone
from pathlib import Path

_LEVEL = re.compile(r"(DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\b\s*")
_KNOWN = {"WARNING": "WARN", "CRITICAL": "FATAL"}


class DaemonLog:
    """Appends one line per call; the level a script's stderr line begins with is taken over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, level: str, component: str, text: str) -> None:
        now = datetime.now(timezone.utc)
        stamp = f"{now:%m-%d-%Y %H:%M:%S}.{now.microsecond // 1000:03d} +0000"
        with self._lock, self._path.open("a", encoding="utf-8") as log:
            log.write(f"{stamp} {level:<5} {component} - {text}\n")

    def script_line(self, command: str, line: str) -> None:
        """What a script wrote to stderr, as ExecProcessor notes it."""
        level, text = _split(line)
        self.write(level, "ExecProcessor", f'message from "{command}" {text}')


def _split(line: str) -> tuple[str, str]:
    match = _LEVEL.match(line)
    if match is None:
        return "ERROR", line
    return _KNOWN.get(match[1], match[1]), line[match.end() :]
