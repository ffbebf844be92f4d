"""Starts of the add-on whose pipes and end are in the test's own hands, each on a lane of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from support.e2e import Site, environment
from support.nest import HURRY

NEST = Path(__file__).with_name("nest.py")


@dataclass
class Start:
    """A process of the add-on: read `stdout` and `stderr` (descriptors) to their ends, then `wait`."""

    pid: int
    stdout: int
    stderr: int
    wait: Callable[[], int]
    """The exit status, negative for a signal, as in subprocess."""

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # over already
            os.kill(self.pid, number)


class Lane:
    """One start after the other. `nested` ones are forked (see nest.py), others are new processes."""

    def __init__(self, app_home: Path) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._nest = subprocess.Popen(
                [sys.executable, str(NEST), str(app_home), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, "SPLUNK_HOME": str(app_home.parents[2])},
            )
        self._line = ours
        self._answers = ours.makefile("r")
        assert self._answers.readline() == "ready\n"

    def close(self) -> None:
        self._answers.close()
        self._line.close()
        self._nest.wait()

    def start(self, site: Site, name: str, *, nested: bool = True, **puppet: object) -> Start:
        """Start an input as splunkd does."""
        splunkd = site.splunk.splunkd
        stanza = f"qualys://{name}"
        parameters = splunkd.confs.stanza("inputs", "-", stanza).settings
        told = splunkd.scripts.configuration("qualys", stanza, parameters, splunkd.session()).encode()
        few = {"SSL_CERT_FILE": site.splunk.ca, "SSL_CERT_DIR": "/"}  # the machine's own many would be read seven times
        if nested:
            return self._forked(told, splunkd.scripts.environment({**few, **environment(puppet)}))
        command = [sys.executable, str(splunkd.scripts.path("qualys"))]
        env = splunkd.scripts.environment({**few, **environment({"hurry": HURRY, **puppet})})
        return _executed(command, told, env)

    def _forked(self, told: bytes, env: Mapping[str, str]) -> Start:
        (stdin, given), (stdout, events), (stderr, errors) = os.pipe(), os.pipe(), os.pipe()
        socket.send_fds(self._line, [json.dumps(env).encode()], [stdin, events, errors])
        for fd in (stdin, events, errors):
            os.close(fd)
        pid = int(self._answers.readline())
        _hand(given, told)
        return Start(pid, stdout, stderr, lambda: os.waitstatus_to_exitcode(int(self._answers.readline())))


def _executed(command: list[str], told: bytes, env: Mapping[str, str]) -> Start:
    (stdin, given), (stdout, events), (stderr, errors) = os.pipe(), os.pipe(), os.pipe()
    process = subprocess.Popen(
        command, stdin=stdin, stdout=events, stderr=errors, env=env, cwd="/", start_new_session=True
    )
    for fd in (stdin, events, errors):
        os.close(fd)
    _hand(given, told)
    return Start(process.pid, stdout, stderr, process.wait)


def _hand(fd: int, told: bytes) -> None:
    """The configuration is smaller than a pipe, so writing it waits for nobody."""
    with contextlib.suppress(BrokenPipeError):
        os.write(fd, told)
    os.close(fd)


@contextlib.contextmanager
def lanes(site: Site, count: int) -> Iterator[list[Lane]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(Lane(site.splunk.app_home))) for _ in range(count)]


def survivors(pids: list[int]) -> list[str]:
    """The command lines of processes that live on in the sessions of these starts."""
    return [_command(path) for path in Path("/proc").glob("[0-9]*") if _session(path) in pids]


def _session(path: Path) -> int:
    try:
        state, *_, session = (path / "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return -1
    return -1 if state == "Z" else int(session)


def _command(path: Path) -> str:
    try:
        return (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return path.name


STOP, GO = signal.SIGSTOP, signal.SIGCONT
