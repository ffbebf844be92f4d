"""Events into a .seed file instead of the stream, see `seed_file`. The file is read as Splunk reads any log."""

from __future__ import annotations

from .seed_file import SeedFile
from .seed_form import SeedForm
from .sink import BufferedSink, Stopped


class SeedSink(BufferedSink):
    """Writes events to `file`, a page from the first event to `flush`.

    Raises as `SeedFile`, and Stopped after `stop`.
    """

    def __init__(self, file: SeedFile) -> None:
        super().__init__(SeedForm())
        self._file = file
        self._is_begun = False
        self._stopped = False

    def flush(self) -> None:
        """Return once everything written is in the file, on disk."""
        self._empty()
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

    def _empty(self) -> None:
        if not self._size:
            return
        if not self._is_begun:
            self._is_begun = True
            self._file.begin()
        self._file.write(data := self._taken())
        self.bytes += len(data)
