"""Our standard output, where splunkd reads events: whole buffers, so that it only ever ends between two events."""

from __future__ import annotations

import os

from ..model import Event, Events, Form

BUFFER = 1 << 16


class Stopped(BaseException):
    """SIGTERM arrived; nothing more is written."""


class PipeClosed(Exception):
    """splunkd no longer reads our events."""


class BufferedSink:
    """What our sinks have in common: events wait until there are enough of them to write.

    `events` counts those that were taken, `bytes` what was written.
    """

    def __init__(self, form: Form, start: bytes = b"") -> None:
        self._form = form
        self._parts = [start]
        self._size = 0
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
            self._empty()

    def _taken(self) -> bytes:
        """What waited."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return data

    def _empty(self) -> None:
        """Write what waits."""
        raise NotImplementedError


class StreamSink(BufferedSink):
    """Writes events to a file descriptor.

    Raises PipeClosed where the reader has gone, Stopped after `stop`.
    """

    def __init__(self, fd: int, form: Form) -> None:
        super().__init__(form, form.start)
        self._fd = fd
        self._writing = False
        self._stopped = False

    def flush(self) -> None:
        """Return once everything written is in the pipe."""
        if self._stopped:
            raise Stopped
        self._write(self._taken())
        if self._stopped:
            raise Stopped

    _empty = flush

    def close(self) -> None:
        """End the stream; what was not flushed is not written, because nothing was promised for it."""
        self._write(self._form.end if self.bytes else self._form.start + self._form.end)

    def stop(self) -> None:
        """SIGTERM's handler calls this: at once, or after the buffer in hand, which ends at an event boundary."""
        again, self._stopped = self._stopped, True
        if not self._writing and not again:
            raise Stopped

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        self._writing = True
        try:
            while view:
                written = os.write(self._fd, view)
                self.bytes += written
                view = view[written:]
        except BrokenPipeError:
            raise PipeClosed("splunkd closed the pipe that events go to") from None
        finally:
            self._writing = False
