"""An input's state in memory and on disk, always the same."""

from __future__ import annotations

from pathlib import Path

from . import state
from .checkpoint import Checkpoint


class Keeper:
    """Every change is on disk before it is believed. Raises OSError where it cannot be written."""

    def __init__(self, folder: Path, name: str, known: state.State) -> None:
        self._folder = folder
        self._name = name
        self.state = known

    def put(self, known: state.State, *, backup: bool = False) -> None:
        state.save(self._folder, self._name, known, backup=backup)
        self.state = known

    def put_checkpoint(self, key: str, checkpoint: Checkpoint) -> None:
        self.put(self.state.with_checkpoint(key, checkpoint))
