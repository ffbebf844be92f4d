"""``bin/diagnose.py`` at a terminal: the session token comes on standard input, lines go out as they are found.

A token in the arguments could be read by everybody who lists processes, so there is no such option.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TextIO

from .. import APP, VERSION
from ..checks import FAILED, WARNING, Line
from ..times import utc
from .log import Log, log_path
from .places import become_splunk, person
from .settings import go_straight_to_splunkd

OK, SOMETHING_FAILED, NOT_STARTED = 0, 1, 2
SPLUNKD = "https://127.0.0.1:8089"
_HELP = """Says what stands between this server and Qualys, in one line each. Logs in once and changes nothing. The
token of a Splunk session is read from standard input. The exit code is 1 where something failed."""


class Diagnosis(Protocol):
    """What is to be told, stage by stage; see `qualys_ta.diagnosis`."""

    def run(self, stage: str, broken: Collection[str] = ()) -> Iterator[Line]: ...

    def broken(self, stage: str, lines: list[Line], before: Collection[str]) -> list[str]: ...

    def secrets(self) -> list[str]: ...


Make = Callable[..., Diagnosis]
"""(server_uri, session_key, account, app_home, environ) -> what is to be told. `splunk` knows nothing of `api`."""


def main(argv: list[str], app_home: Path, environ: Mapping[str, str], make: Make, stages: Collection[str]) -> int:
    """Print the diagnosis. Returns the exit code."""
    chosen, more = _options().parse_known_args(argv)
    if more:  # not repeated: who takes the token for an argument shall not find it in a log, too
        return refuse("There are no further arguments; the session's token is read from standard input.")
    if not environ.get("SPLUNK_HOME"):
        return refuse(f"Start it by Splunk: $SPLUNK_HOME/bin/splunk cmd python {sys.argv[0]}")
    became = become_splunk(Path(environ["SPLUNK_HOME"]))
    token = read_token(sys.stdin)
    if not token:
        return refuse("There is no token of a Splunk session on standard input.")
    go_straight_to_splunkd()
    diagnosis = make(chosen.server_uri, token, chosen.account, app_home, environ)
    log = Log(log_path(environ), f"diagnosis {chosen.account}".strip())
    log.hide([token])
    report = _Report(chosen.json, log)
    report.begin(became)
    lines: list[Line] = []
    broken: list[str] = []
    for stage in stages:
        found = []
        for line in diagnosis.run(stage, broken):
            log.hide(diagnosis.secrets() if line.name == "settings" else ())
            found.append(report.tell(line))
        broken = diagnosis.broken(stage, found, broken)
        lines += found
    report.end(lines)
    log.info(f"Diagnosis by {person()}: {summary(lines)}")
    return SOMETHING_FAILED if any(line.verdict == FAILED for line in lines) else OK


def summary(lines: Collection[Line]) -> str:
    """How it went, with the names of what did not go well."""
    told = []
    for verdict, what in ((FAILED, "failed"), (WARNING, "to look at")):
        names = [line.name for line in lines if line.verdict == verdict]
        if names:
            told.append(f"{len(names)} {what} ({', '.join(names)})")
    return ", ".join(told) or "all is well"


class _Report:
    """The lines, aligned as they come; or all at the end, as JSON."""

    def __init__(self, as_json: bool, log: Log) -> None:
        self._as_json = as_json
        self._log = log

    def begin(self, became: str) -> None:
        if not self._as_json:
            who = f", as {became}" if became else ""
            write_out(f"{APP} {VERSION}, {utc(time.time())}{who}\n\n")

    def tell(self, line: Line) -> Line:
        """The line without secrets, shown at once."""
        line = line._replace(found=self._log.cleaned(line.found), todo=self._log.cleaned(line.todo))
        if not self._as_json:
            todo = f" -> {line.todo}" if line.todo else ""
            write_out(f"{line.verdict:9} {line.label:22} {line.found}{todo}\n")
        return line

    def end(self, lines: list[Line]) -> None:
        if self._as_json:
            told: dict[str, Any] = {"at": utc(time.time()), "version": VERSION, "summary": summary(lines)}
            write_out(json.dumps({**told, "lines": [line._asdict() for line in lines]}, indent=2) + "\n")
        else:
            write_out(f"\n{summary(lines)}\n")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diagnose.py", description=_HELP, allow_abbrev=False)
    parser.add_argument("--account", default="", help="name of the account; needed where there are several")
    parser.add_argument("--server-uri", default=SPLUNKD, help="splunkd's own address (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    return parser


def read_token(stdin: TextIO) -> str:
    """The token of a Splunk session; "" where there is none."""
    return getpass.getpass("Token of a Splunk session: ").strip() if stdin.isatty() else stdin.readline().strip()


def write_out(text: str) -> None:
    """Also to a terminal that knows ASCII only."""
    sys.stdout.write(text.encode("ascii", "backslashreplace").decode() if _is_plain() else text)
    sys.stdout.flush()


def _is_plain() -> bool:
    """Whether the terminal takes ASCII only."""
    return (sys.stdout.encoding or "ascii").lower().replace("-", "") not in ("utf8", "utf16", "utf32")


def refuse(why: str) -> int:
    """Say on standard error why nothing was begun. Returns the exit code."""
    sys.stderr.write(f"{why}\n")
    return NOT_STARTED
