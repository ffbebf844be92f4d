"""One process of one input stanza: started as splunkd does it, its stream indexed while it runs."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from io import BufferedReader
from typing import IO, Callable, Optional

from standins.splunk.daemon_log import DaemonLog
from standins.splunk.indexing import Indexer
from standins.splunk.store import RunRecord
from standins.splunk.stream import EventStream, StreamEvent

CHUNK_BYTES = 1 << 16
STOP_GRACE_S = 30.0
"""How long splunkd waits after SIGTERM before it kills."""


class Run:
    """A running or finished script; Popen-like. What it wrote before a kill is indexed too."""

    def __init__(
        self,
        stanza: str,
        command: list[str],
        stdin: str,
        environment: Mapping[str, str],
        indexer: Indexer,
        log: DaemonLog,
        ended: Callable[[RunRecord], None],
    ) -> None:
        self.stanza = stanza
        self.events = 0
        self.stream_error = ""
        self.seconds = 0.0
        self._indexer, self._log, self._ended = indexer, log, ended
        self._command = " ".join(command)
        self._stderr: list[str] = []
        self._stopping = False
        self._finished = threading.Event()
        self._started_at, self._start = time.time(), time.monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            cwd="/",
            start_new_session=True,
        )
        threading.Thread(target=self._follow, args=(stdin,), name=f"run {stanza}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> Optional[int]:
        """The exit status (-9 for SIGKILL, as in subprocess), None while the run is not over."""
        return self._process.returncode if self._finished.is_set() else None

    @property
    def stderr(self) -> str:
        return "".join(self._stderr)

    def poll(self) -> Optional[int]:
        return self.returncode

    def wait(self, timeout_s: Optional[float] = None) -> Run:
        """Returns when the process is gone and its stream is indexed; raises TimeoutError after `timeout_s`."""
        if not self._finished.wait(timeout_s):
            raise TimeoutError(f"{self.stanza} still runs after {timeout_s} s")
        return self

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def terminate(self) -> None:
        self._stopping = True
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._process.kill()

    def stop(self, grace_s: float = STOP_GRACE_S) -> None:
        """SIGTERM, then SIGKILL for what does not end in time."""
        self.terminate()
        try:
            self.wait(grace_s)
        except TimeoutError:
            self._log.write("WARN", "ModularInputs", f"{self.stanza} did not end on SIGTERM and was killed")
            self.kill()
            self.wait()

    def _follow(self, stdin: str) -> None:
        process = self._process
        errors = threading.Thread(target=self._read_errors, args=(process.stderr,), daemon=True)
        errors.start()
        stream = EventStream()
        with process:
            _send(process.stdin, stdin)
            self._read_events(process.stdout, stream)
            returncode = process.wait()
            errors.join()
        self._index(stream, stream.close(cut=self._stopping or returncode != 0))
        self._finish(stream, returncode)

    def _finish(self, stream: EventStream, returncode: int) -> None:
        self.seconds = time.monotonic() - self._start
        self.stream_error = stream.error
        if stream.error:
            self._log.write("ERROR", "ModularInputs", f"{self.stanza}: the event stream is not XML: {stream.error}")
        self._ended(RunRecord(self.stanza, self._started_at, self.seconds, returncode, self.events, self.stream_error))
        self._finished.set()

    def _read_events(self, stdout: Optional[IO[bytes]], stream: EventStream) -> None:
        assert isinstance(stdout, BufferedReader)
        while True:
            chunk = stdout.read1(CHUNK_BYTES)
            if not chunk:
                return
            self._index(stream, stream.feed(chunk))

    def _index(self, stream: EventStream, events: list[StreamEvent]) -> None:
        self.events += self._indexer.add(events)
        self.stream_error = stream.error

    def _read_errors(self, stderr: Optional[IO[bytes]]) -> None:
        assert stderr is not None
        for raw in stderr:
            line = raw.decode("utf-8", "replace")
            self._stderr.append(line)
            if line.strip():
                self._log.script_line(self._command, line.rstrip())


def _send(stdin: Optional[IO[bytes]], text: str) -> None:
    assert stdin is not None
    try:
        stdin.write(text.encode("utf-8"))
        stdin.close()
    except BrokenPipeError:
        pass  # The script ended without reading; its exit status says why.
