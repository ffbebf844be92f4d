"""The add-on's log: ``$SPLUNK_HOME/var/log/splunk/ta_QualysCloudPlatform.log``, which Splunk indexes in _internal.

Many processes write it at once: every line is one write to a file opened for appending, and rotation happens under a
lock. Secrets told to `Log` never reach a line, in whatever spelling a library quotes them.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from ..private import FILE_MODE
from .files import locked

FILE_NAME = "ta_QualysCloudPlatform.log"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LARGEST = 25_000_000
KEPT = 5
HIDDEN = "******"
SHORTEST_BASE64 = 6
"""A shorter piece would be found in innocent words."""


def log_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("SPLUNK_HOME", ".")) / "var" / "log" / "splunk" / FILE_NAME


class Log:
    """Lines ``2026-11-20T10:00:00.000Z PID=7 (host_detection) INFO: message`` of one input, UTC.

    A log that cannot be written never stops a pull: the line goes to standard error, which splunkd logs.
    """

    def __init__(self, path: Path, name: str, level: str = "INFO", clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._name = name
        self._clock = clock
        self._hidden: list[str] = []
        self.set_level(level)

    def set_level(self, level: str) -> None:
        """Write lines of this level and above; an unknown level is INFO."""
        self._least = LEVELS.index(level) if level in LEVELS else LEVELS.index("INFO")

    def hide(self, secrets: Iterable[str]) -> None:
        """From now on, write these as ******, as they are and as URLs, reprs and Basic credentials spell them."""
        for secret in filter(None, secrets):
            self._hidden.extend(set(_spellings(secret)))
        self._hidden.sort(key=len, reverse=True)

    def debug(self, message: str) -> None:
        self._line("DEBUG", message)

    def info(self, message: str) -> None:
        self._line("INFO", message)

    def warning(self, message: str) -> None:
        self._line("WARNING", message)

    def error(self, message: str) -> None:
        """An ERROR line, repeated on standard error so that splunkd.log points here."""
        self._line("ERROR", message)
        sys.stderr.write(f"ERROR {self._name}: {self.cleaned(message)}\n")

    def cleaned(self, message: str) -> str:
        """The message in one line, without what is to be hidden."""
        for secret in self._hidden:
            message = message.replace(secret, HIDDEN)
        return " ".join(message.split())

    def _line(self, level: str, message: str) -> None:
        if LEVELS.index(level) < self._least:
            return
        now = self._clock()
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03d}Z"
        line = f"{stamp} PID={os.getpid()} ({self._name}) {level}: {self.cleaned(message)}\n"
        try:
            self._append(line.encode("utf-8", "backslashreplace"))
        except OSError as error:
            sys.stderr.write(f"WARNING cannot write {self._path} ({error.strerror}): {line}")

    def _append(self, line: bytes) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
        try:
            os.write(fd, line)
            full = os.fstat(fd).st_size >= LARGEST
        finally:
            os.close(fd)
        if full:
            rotate(self._path)


def _spellings(secret: str) -> Iterator[str]:
    """`secret` as it is, in URLs, in reprs and JSON, and inside base64 (``user:secret`` puts it at any of 3 places)."""
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    raw = secret.encode()
    yield base64.b64encode(raw).decode()
    for place in range(3):
        encoded = base64.b64encode(bytes(place) + raw).decode()
        whole = encoded[-(-place * 8 // 6) : (place + len(raw)) * 8 // 6]
        if len(whole) >= SHORTEST_BASE64:
            yield from (whole, whole.replace("+", "-").replace("/", "_"))


def rotate(path: Path) -> None:
    """``log`` -> ``log.1`` -> … -> ``log.5``; another process that is rotating already does it for us."""
    with locked(path.with_name(path.name + ".lock")) as held:
        if not held or not path.exists() or path.stat().st_size < LARGEST:
            return
        for number in range(KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        path.replace(path.with_name(f"{path.name}.1"))
