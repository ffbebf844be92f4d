"""The app's knowledge objects as they are on disk now, read again only after a file changed."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Optional

from standins.splunk.search import Knowledge

_READ = ("default/*.conf", "local/*.conf", "metadata/*.meta", "lookups/*")
"""Below the app's folder: all that the search-time knowledge comes from. Lookups may have 100,000 rows."""
Fingerprint = frozenset[tuple[str, int, int]]


class AppKnowledge:
    """Safe to use from several threads; who comes while it is read waits for it."""

    def __init__(self, app_home: Path) -> None:
        self._app_home = app_home
        self._lock = threading.Lock()
        self._read: Optional[tuple[Fingerprint, Knowledge]] = None

    def current(self) -> Knowledge:
        """Raises KnowledgeError for what the evaluator does not know."""
        with self._lock:
            now = self._fingerprint()
            if self._read is None or self._read[0] != now:
                self._read = now, Knowledge.load(self._app_home)
            return self._read[1]

    def _fingerprint(self) -> Fingerprint:
        found: set[tuple[str, int, int]] = set()
        for path in (path for pattern in _READ for path in self._app_home.glob(pattern)):
            with suppress(FileNotFoundError):  # Half-written files take their place under another name.
                stat = path.stat()
                found.add((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)
