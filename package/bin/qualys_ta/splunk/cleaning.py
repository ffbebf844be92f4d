"""What failed runs left in a folder for downloads: counted, or deleted; never a file of a running input.

Whether an input runs is decided by the operating system's lock on ``<checkpoint_dir>/<input>.lock``. It is held while
the files are deleted, so that the input cannot start in between. Nothing outside the folder is touched, see `folder`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from ..errors import ConfigError
from .cleanup_groups import Group, is_at_work
from .field_checks import input_name
from .files import locked
from .folder import File, Folder, opened
from .state import checkpoint_folder

PAGES, ERRORED, PRESERVED, PID = KINDS = "pages", "errored", "preserved", "pid"
PRESERVED_FOLDER = "preserved"
_OF_PAGES = (".xml", ".json", ".csv", ".events", ".waiting", ".glossary", ".beside")
ENDINGS = {".errored": ERRORED, **dict.fromkeys(_OF_PAGES, PAGES)}
"""How the names of downloads end; a page's `.events` are what was made of it and not yet written, `.waiting`,
`.glossary` and `.beside` what a process kept of it that was killed before."""

_PID = ".pid"


@dataclass
class Found:
    """The files of one input, or of one group of the vendor's: how many of each kind, and their bytes."""

    owner: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    bytes: int = 0

    def add(self, kind: str, size: int) -> None:
        self.counts[kind] += 1
        self.bytes += size


@dataclass
class Outcome:
    """What was found, or deleted; `kept` says what was left alone for good reasons, `failed` what could not be done."""

    found: list[Found] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def total(self) -> Found:
        total = Found("Total", {kind: sum(one.counts[kind] for one in self.found) for kind in KINDS})
        total.bytes = sum(one.bytes for one in self.found)
        return total


class Locks:
    """The inputs' locks, in the folder where splunkd keeps checkpoints."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._told = bool(environ.get("SPLUNK_DB") or environ.get("SPLUNK_HOME"))
        self._folder = checkpoint_folder(environ)

    @contextlib.contextmanager
    def idle(self, name: str, making: bool) -> Iterator[bool]:
        """Hold the input's lock, or yield False where it runs. Raises ConfigError where that cannot be known.

        Where there is no lock file, the input does not run; it is made only if `making`, to keep it from starting.
        """
        lock = self._folder / f"{name}.lock"
        if self._absent(lock) and not making:
            yield True
            return
        with contextlib.ExitStack() as stack:
            try:
                held = stack.enter_context(locked(lock))
            except OSError as error:
                raise ConfigError(f"its lock {lock} cannot be used: {error.strerror}") from None
            yield held

    def _absent(self, lock: Path) -> bool:
        if not self._told:
            raise ConfigError("SPLUNK_HOME is not set; start this with: splunk cmd python bin/cleanup.py")
        try:
            owner = self._folder.stat().st_uid
            os.scandir(self._folder).close()
            absent = not os.path.lexists(lock)
            if lock.is_symlink():
                raise ConfigError(f"its lock {lock} is a symbolic link")
        except OSError as error:
            raise ConfigError(f"the checkpoint folder {self._folder} cannot be read: {error.strerror}") from None
        if absent and hasattr(os, "geteuid") and os.geteuid() != owner:
            raise ConfigError("its lock would belong to the wrong user; start this as the user that splunkd runs as")
        return absent


class Cleaning:
    """One pass over a folder for downloads. `own` is the add-on's ``tmp``: PID files and the vendor's lie there."""

    def __init__(self, folder: Folder, locks: Locks, *, own: bool, counting: bool, preserved: bool) -> None:
        self.outcome = Outcome()
        self._folder = folder
        self._locks = locks
        self._own = own
        self._counting = counting
        self._preserved = preserved

    def inputs(self, groups: Iterable[Group], everything: bool) -> None:
        """Downloads of all inputs of the groups' metrics, and their PID files; with `everything`, all PID files."""
        pids = [file.name[: -len(_PID)] for file in self._folder.files() if file.name.endswith(_PID)]
        metrics = [metric for group in groups for metric in group.metrics]
        chosen = (name for name in pids if everything or name in metrics)
        names: dict[str, list[str]] = {name: [] for name in chosen if self._is_input(name, name + _PID)}
        for metric in metrics:
            for name in self._inner_names(metric):
                names.setdefault(name, []).append(metric)
        for name, its in sorted(names.items()):
            self._input(name, its)

    def old(self, groups: Iterable[Group]) -> None:
        """What the vendor's add-on left directly in the folder."""
        files, now = self._folder.files(), time.time()
        for group in groups:
            found = Found(f"(old) {group.label}")
            for file in (file for file in files if group.old.fullmatch(file.name)):
                if is_at_work(file.name, file.changed, now):
                    self.outcome.kept.append(f"{file.name!a}: a process of the vendor's add-on may use it.")
                else:
                    self._take(self._folder, file, _kind(file.name) or PAGES, found)
            self._note(found)

    def _inner_names(self, metric: str) -> list[str]:
        """Names of the inputs that have a folder below the metric's."""
        if metric not in self._folder.folders():
            self._tell_links(self._folder, (metric,))
            return []
        with self._may_fail(metric), self._folder.inner(metric) as inputs:
            self._tell_links(inputs)
            return [name for name in inputs.folders() if self._is_input(name, f"{metric}/{name}")]
        return []

    def _is_input(self, name: str, path: str) -> bool:
        try:
            input_name(name)
        except ConfigError:
            self.outcome.kept.append(f"{path!a}: no input has such a name.")
            return False
        return True

    def _input(self, name: str, metrics: list[str]) -> None:
        found = Found(name)
        try:
            with self._locks.idle(name, making=not self._counting) as idle:
                if not idle:
                    self.outcome.kept.append(f"{name}: it is running.")
                    return
                for metric in metrics:
                    self._downloads(metric, name, found)
                self._each(self._folder, lambda file: PID if self._own and file == f"{name}{_PID}" else None, found)
        except ConfigError as error:
            self.outcome.failed.append(f"{name}: {error}; its files were left alone.")
        self._note(found)

    def _downloads(self, metric: str, name: str, found: Found) -> None:
        with self._may_fail(f"{metric}/{name}"), self._folder.inner(metric) as inputs, inputs.inner(name) as pages:
            self._tell_links(pages)
            self._each(pages, _kind, found)
            if self._preserved and PRESERVED_FOLDER in pages.folders():
                with pages.inner(PRESERVED_FOLDER) as preserved:
                    self._tell_links(preserved)
                    self._each(preserved, lambda file: PRESERVED if _kind(file) else None, found)

    def _each(self, folder: Folder, kind_of: Callable[[str], Optional[str]], found: Found) -> None:
        for file in folder.files():
            kind = kind_of(file.name)
            if kind:
                self._take(folder, file, kind, found)

    def _take(self, folder: Folder, file: File, kind: str, found: Found) -> None:
        with self._may_fail(file.name):
            if not self._counting:
                folder.remove(file.name)
            found.add(kind, file.size)
            self.outcome.names.append(f"{folder.path}/{ascii(file.name)[1:-1]}")

    def _note(self, found: Found) -> None:
        if any(found.counts.values()):
            self.outcome.found.append(found)

    def _tell_links(self, folder: Folder, names: Optional[tuple[str, ...]] = None) -> None:
        for name in folder.links():
            if names is None or name in names:
                self.outcome.kept.append(f"{name!a} in {folder.path}: a symbolic link is not followed.")

    @contextlib.contextmanager
    def _may_fail(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            pass  # somebody else deleted it
        except OSError as error:
            self.outcome.failed.append(f"{name!a}: {error.strerror}.")


def _kind(name: str) -> Optional[str]:
    return ENDINGS.get(Path(name).suffix)


def cleaned(
    path: Path, locks: Locks, groups: tuple[Group, ...], *, own: bool, everything: bool, counting: bool, preserved: bool
) -> Outcome:
    """One pass over the folder at `path`. Raises OSError where it cannot be opened, or is a symbolic link."""
    with opened(path) as folder:
        cleaning = Cleaning(folder, locks, own=own, counting=counting, preserved=preserved)
        cleaning.inputs(groups, everything and own)
        if own:
            cleaning.old(groups)
        return cleaning.outcome
