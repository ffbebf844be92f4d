"""Child processes that convert pages, one page each, at most so many at a time.

A child reads its task from standard input and ends when that closes, so none outlives us; its standard output is the
null device, and what came of the page is the last line of its standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from .. import errors
from ..errors import Refused, TaError
from ..model import Log
from ..records import Unread
from ..spool import Spooled, spool_path
from ..xmlpage import Noted, Told
from .conversion import LARGE, Converter, Recipe, knowledge_of

DOOR = "qualys_convert.py"


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

    def convert(self, page: Path, noted: Optional[Noted], room: int) -> Spooled:
        """As `Converter.convert`."""
        if self.count > 1 and not self._failed and page.stat().st_size >= self.large:
            with self._free:
                spooled = self._in_child(page, noted, room)
            if spooled is not None:
                return spooled
        return self.here.convert(page, noted, room)

    def close(self) -> None:
        """End what is being converted: nobody waits for it."""
        self._closed = True
        self.here.close()
        for child in list(self._running):
            with contextlib.suppress(OSError):
                child.kill()

    def _in_child(self, page: Path, noted: Optional[Noted], room: int) -> Optional[Spooled]:
        task = {"recipe": self.recipe.as_json(), "page": str(page), "room": room, "noted": _noted_as_json(noted)}
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
            return _spooled(json.loads(said.rpartition(b"\n")[2]))
        except (ValueError, LookupError, TypeError, AttributeError):
            if self._closed:
                raise Refused("The pull ended while this page was converted.") from None
            self._give_up(f"ended with code {child.wait()}: {said.decode('utf-8', 'replace')[-300:].strip()!r}")
            return None

    def _give_up(self, reason: str) -> None:
        if not self._failed:
            self.log.warning(f"A process that converts pages {reason}. This process converts all pages from now on.")
        self._failed = True


def main() -> int:
    """What a child does."""
    task = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_our_parent, daemon=True).start()
    answer = _converted(task)
    sys.stderr.write(f"\n{json.dumps(answer)}")
    return 0


def _end_with_our_parent() -> None:
    while os.read(0, 1 << 16):  # not by sys.stdin: its lock, held here for ever, would abort the interpreter's end
        pass
    os._exit(1)


def _converted(task: dict[str, Any]) -> dict[str, Any]:
    recipe = Recipe(**task["recipe"])
    with knowledge_of(recipe.store, _Strict()) as knowledge:
        converter = Converter(recipe, knowledge)
        try:
            spooled = converter.convert(Path(task["page"]), _noted_from_json(task["noted"]), task["room"])
        except (TaError, Unread) as error:
            return {"error": type(error).__name__, "message": str(error), "setting": getattr(error, "setting", "")}
    return {**spooled._asdict(), "told": spooled.told._asdict()}


def _spooled(answer: dict[str, Any]) -> Spooled:
    if "error" in answer:
        raise _error(answer)
    return Spooled(Told(**answer["told"]), answer["bad"], answer["first_bad"], answer["size"])


def _error(answer: dict[str, Any]) -> Exception:
    kind, message = answer["error"], answer["message"]
    if kind == Unread.__name__:
        return Unread(message)
    if kind == errors.ConfigError.__name__:
        return errors.ConfigError(message, answer["setting"])
    error: Exception = getattr(errors, kind)(message)
    return error


def _noted_as_json(noted: Optional[Noted]) -> Optional[list[Any]]:
    return None if noted is None else [noted.is_clean, sorted(noted.entities)]


def _noted_from_json(told: Optional[list[Any]]) -> Optional[Noted]:
    return None if told is None else Noted(told[0], frozenset(told[1]))


class _Strict:
    """A child does not write to the log; a knowledge base that fails ends it, and its parent sees for itself."""

    def info(self, message: str) -> None:
        """Nobody reads it."""

    def warning(self, message: str) -> None:
        raise RuntimeError(message)
