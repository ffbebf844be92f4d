"""Events into a .seed file instead of the stream, see `seed_file`. The file is read as Splunk reads any log."""

from __future__ import annotations

from ..model import Event, Events
from .seed_file import SeedFile
from .seed_form import SeedForm
from .sink import BUFFER, Stopped


class SeedSink:
    """Writes events to `file`, a page from the first event to `flush`. `events` and `bytes` count what was written.

    Raises as `SeedFile`, and Stopped after `stop`.
    """

    def __init__(self, file: SeedFile) -> None:
        self._file = file
        self._form = SeedForm()
        self._parts: list[bytes] = []
        self._size = 0
        self._is_begun = False
        self._stopped = False
        self.events = 0
        self.bytes = 0

    def write(self, event: Event) -> None:
        self.pass_on("".join(self._form.rendered(Events.of((event,)))).encode("utf-8"), 1)

    def pass_on(self, rendered: bytes, events: int) -> None:
        """Write events that were rendered before."""
        self._parts.append(rendered)
        self._size += len(rendered)
        self.events += events
        if self._size >= BUFFER:
            self._write()

    def flush(self) -> None:
        """Return once everything written is in the file, on disk."""
        self._write()
        if self._is_begun:
            self._file.commit()
            self._is_begun = False

    def close(self) -> None:
        """What was not flushed is taken back, because nothing was promised for it."""
        self._file.roll_back()

    def stop(self) -> None:
        """SIGTERM's handler calls this. Wherever it interrupts us, `close` takes the page back."""
        again, self._stopped = self._stopped, True
        if not again:
            raise Stopped

    def _write(self) -> None:
        if not self._size:
            return
        if not self._is_begun:
            self._is_begun = True
            self._file.begin()
        self._file.write(b"".join(self._parts))
        self.bytes += self._size
        self._parts.clear()
        self._size = 0
