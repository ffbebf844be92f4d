"""Child processes that convert pages, one page each, at most so many at a time: see `child`."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..errors import Ended
from ..model import Log
from ..spool import Asked, Spooled, spool_path
from ..xmlpage import Noted
from .child import heard_answer, told_task
from .conversion import LARGE, Converter, Recipe

DOOR = "qualys_convert.py"
_ASKED = Asked()


@dataclass
class Children:
    """Converts large pages in up to `count` children, and the others, and all where that fails, in this process."""

    recipe: Recipe
    here: Converter
    door: Path
    count: int
    log: Log
    large: int = LARGE
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _failed: bool = False
    _closed: bool = False

    def __post_init__(self) -> None:
        self._free = threading.BoundedSemaphore(max(self.count, 1))

    def convert(self, page: Path, noted: Optional[Noted], room: int, asked: Asked = _ASKED) -> Spooled:
        """As `Converter.convert`."""
        if self.count > 1 and not self._failed and page.stat().st_size >= self.large:
            with self._free:
                spooled = self._in_child(page, told_task(self.recipe, page, noted, room, asked))
            if spooled is not None:
                return spooled
        return self.here.convert(page, noted, room, asked)

    def close(self) -> None:
        """End what is being converted: nobody waits for it."""
        self._closed = True
        self.here.close()
        for child in list(self._running):
            with contextlib.suppress(OSError):
                child.kill()

    def _in_child(self, page: Path, task: dict[str, Any]) -> Optional[Spooled]:
        try:
            child = subprocess.Popen(  # noqa: S603 - our own Python and our own file
                [sys.executable, str(self.door)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self._give_up(f"cannot be started: {error.strerror}")
            return None
        self._running.add(child)
        try:
            if self._closed:
                child.kill()
            return self._answer(child, task)
        finally:
            self._running.discard(child)
            child.kill()
            if child.wait():
                spool_path(page).unlink(missing_ok=True)
            for end in (child.stdin, child.stderr):
                if end:
                    with contextlib.suppress(OSError):
                        end.close()

    def _answer(self, child: subprocess.Popen[bytes], task: dict[str, Any]) -> Optional[Spooled]:
        """Its standard input stays open meanwhile: that it closes is how a child learns that we are gone."""
        said = b""
        if child.stdin and child.stderr:
            with contextlib.suppress(OSError):
                child.stdin.write(json.dumps(task).encode() + b"\n")
                child.stdin.flush()
            said = child.stderr.read()
        try:
            answer = heard_answer(json.loads(said.rpartition(b"\n")[2]))
            if child.wait() == 0:
                return answer
            raise ValueError("it answered, and failed then")
        except (ValueError, LookupError, TypeError, AttributeError):
            if self._closed:
                raise Ended("The pull ended while this page was converted.") from None
            self._give_up(f"ended with code {child.wait()}: {said.decode('utf-8', 'replace')[-300:].strip()!r}")
            return None

    def _give_up(self, reason: str) -> None:
        if not self._failed:
            self.log.warning(f"A process that converts pages {reason}. This process converts all pages from now on.")
        self._failed = True
