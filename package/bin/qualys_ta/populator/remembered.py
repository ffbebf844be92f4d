"""What records have in common, worked out once for each kind of it."""

from __future__ import annotations

from typing import Any, Callable, TypeVar

MOST_CHARACTERS = 500_000
"""Of one kind (hosts, controls, expressions …) that stay in memory."""

Told = TypeVar("Told")


class Remembered(dict[tuple[Any, ...], Told]):
    """What was told of each key, as long as there is room. Looking it up again is a matter of C."""

    def __init__(self, told: Callable[..., Told]) -> None:
        super().__init__()
        self._tell = told
        self._size = 0

    def __missing__(self, key: tuple[Any, ...]) -> Told:
        value = self._tell(*key)
        size = len(str(key)) + len(str(value))
        self._size += size
        if self._size > MOST_CHARACTERS:
            self.clear()
            self._size = size
        self[key] = value
        return value
