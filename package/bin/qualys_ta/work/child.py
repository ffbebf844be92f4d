"""What a child process that converts one page does, and what it and its parent tell each other.

It reads its task from standard input and ends when that closes, so none outlives its parent; its standard output is the
null device, and what came of the page is the last line of its standard error. It starts for every large page, so it
imports little.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any, Optional

from .. import errors
from ..errors import TaError
from ..records import Unread
from ..spool import Asked, Spooled
from ..xmlpage import Noted, Told
from .conversion import Converter, Recipe, knowledge_of


def told_task(recipe: Recipe, page: Path, noted: Optional[Noted], room: int, asked: Asked) -> dict[str, Any]:
    """What a child is told."""
    seen = None if noted is None else [noted.is_clean, sorted(noted.entities)]
    asked_as_json = [asked.resource, dict(asked.params)]
    return {"recipe": recipe.as_json(), "page": str(page), "room": room, "noted": seen, "asked": asked_as_json}


def heard_answer(answer: dict[str, Any]) -> Spooled:
    """What a child said came of the page. Raises the error that it met; KeyError and its likes for no answer."""
    if "error" in answer:
        raise _error(answer)
    return Spooled(Told(**answer["told"]), answer["bad"], answer["first_bad"], answer["size"])


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
            noted = _noted_from_json(task["noted"])
            spooled = converter.convert(Path(task["page"]), noted, task["room"], Asked(*task["asked"]))
        except (TaError, Unread) as error:
            return {"error": type(error).__name__, "message": str(error), "setting": getattr(error, "setting", "")}
    return {**spooled._asdict(), "told": spooled.told._asdict()}


def _error(answer: dict[str, Any]) -> Exception:
    kind, message = answer["error"], answer["message"]
    if kind == Unread.__name__:
        return Unread(message)
    if kind == errors.ConfigError.__name__:
        return errors.ConfigError(message, answer["setting"])
    error: Exception = getattr(errors, kind)(message)
    return error


def _noted_from_json(told: Optional[list[Any]]) -> Optional[Noted]:
    return None if told is None else Noted(told[0], frozenset(told[1]))


class _Strict:
    """A child does not write to the log; a knowledge base that fails ends it, and its parent sees for itself."""

    def info(self, message: str) -> None:
        """Nobody reads it."""

    def warning(self, message: str) -> None:
        raise RuntimeError(message)
