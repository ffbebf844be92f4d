"""What was asked for beside the records of a page, in a file beside it, so that whoever converts the page finds it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

from ..errors import TryLater
from ..private import open_new

BESIDE = ".beside"


@contextlib.contextmanager
def put_beside(page: Path, told: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """While the page is converted, what was `told` of its records lies beside it. Raises TryLater where the disk
    refuses."""
    path = _path(page)
    found = json.dumps(told()).encode()
    try:
        try:
            with os.fdopen(open_new(path), "wb") as file:
                file.write(found)
        except OSError as error:
            raise TryLater(f"Cannot write to {path.parent}: {error.strerror}. Free disk space there.") from None
        yield
    finally:
        path.unlink(missing_ok=True)


def told_beside(page: Path) -> Mapping[str, Any]:
    """What lies beside the page; nothing where nobody asked."""
    try:
        found: dict[str, Any] = json.loads(_path(page).read_bytes())
    except FileNotFoundError:
        return {}
    return found


def _path(page: Path) -> Path:
    return page.with_name(page.name + BESIDE)
