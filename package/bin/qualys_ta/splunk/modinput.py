"""splunkd's door: what it says on stdin, and what it wants to know before it starts an input.

Source: Splunk's modular input documentation. Imports as little as it can: a tick that is not due ends here.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from ..errors import ConfigError, TaError
from . import schedule, state
from .log import Log, log_path
from .revision import revision


@dataclass(frozen=True)
class Stanza:
    """One enabled input: its full name (``qualys://host_detection``), the app that holds it, its parameters."""

    full_name: str
    app: str
    params: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.full_name.partition("://")[2] or self.full_name

    @property
    def index(self) -> str:
        """The index that a person chose; "" leaves it to splunkd."""
        return _chosen(self.params.get("index", ""))

    @property
    def host(self) -> str:
        return _chosen(self.params.get("host", ""))


def _chosen(value: str) -> str:
    """splunkd hands its own marks for "not set" to scripts, but does not take them back in events."""
    return "" if value in ("default", "$decideOnStartup") else value


@dataclass(frozen=True)
class Invocation:
    """What splunkd says on stdin."""

    server_host: str
    server_uri: str
    session_key: str
    checkpoint_dir: Path
    stanzas: tuple[Stanza, ...]


def read_invocation(file: BinaryIO) -> Invocation:
    """Raises ConfigError for a text that is not splunkd's."""
    texts: dict[str, str] = {}
    stanzas: list[Stanza] = []
    parts: list[str] = []
    open_params: dict[str, str] = {}
    names: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        parts.clear()
        if tag in ("stanza", "item"):
            open_params.clear()
            stanzas.append(Stanza(attributes.get("name", ""), attributes.get("app", ""), {}))
        elif tag == "param":
            names.append(attributes.get("name", ""))

    def end(tag: str) -> None:
        text = "".join(parts)
        if tag == "param":
            open_params[names.pop()] = text
        elif tag in ("stanza", "item"):
            stanzas[-1] = Stanza(stanzas[-1].full_name, stanzas[-1].app, dict(open_params))
        else:
            texts[tag] = text
        parts.clear()

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = parts.append
    try:
        parser.ParseFile(file)
    except expat.ExpatError as error:
        raise ConfigError(f"splunkd's input cannot be read: {error}.") from None
    return Invocation(
        server_host=texts.get("server_host", ""),
        server_uri=texts.get("server_uri", ""),
        session_key=texts.get("session_key", ""),
        checkpoint_dir=Path(texts.get("checkpoint_dir", "")),
        stanzas=tuple(stanzas),
    )


def main(argv: list[str], app_home: Path) -> int:
    """Answer splunkd: ``--scheme``, ``--validate-arguments``, or no argument: run. Returns the exit code."""
    if argv[1:2] == ["--scheme"]:
        from .scheme import SCHEME

        sys.stdout.write(SCHEME)
        return 0
    try:
        invocation = read_invocation(sys.stdin.buffer)
    except ConfigError as error:
        sys.stderr.write(f"ERROR {error}\n")
        return 1
    if argv[1:2] == ["--validate-arguments"]:
        from .scheme import refusal

        refused = refusal(invocation)
        sys.stdout.write(refused)
        return 1 if refused else 0
    return max((tick(invocation, stanza, app_home) for stanza in invocation.stanzas), default=0)


def tick(invocation: Invocation, stanza: Stanza, app_home: Path) -> int:
    """Run the input if it is due; return the exit code. Not due: no network, no import worth naming, no line."""
    log = Log(log_path(os.environ), stanza.name)
    folder = invocation.checkpoint_dir
    now = time.time()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known, warning = state.load(folder, stanza.name, now)
        if warning:
            log.warning(warning)
        if warning or not state.state_path(folder, stanza.name).exists():
            state.save(folder, stanza.name, known)
        if not is_due(known, invocation, stanza, app_home, now):
            return 0
    except OSError as error:
        log.error(f"Cannot use the checkpoint folder {folder}: {error.strerror}. It must belong to splunkd's user.")
        return 1
    except TaError as error:
        return _refuse_once(log, folder, stanza, known, str(error), revision(app_home, stanza.app))
    from ..run import run

    return run(invocation, stanza, app_home, log)


def is_due(known: state.State, invocation: Invocation, stanza: Stanza, app_home: Path, now: float) -> bool:
    """Raises ConfigError for a schedule that cannot be read."""
    if state.asked(invocation.checkpoint_dir, stanza.name):
        return True
    when = schedule.parse(stanza.params.get("duration"))
    saved = revision(app_home, stanza.app) if known.outcome == state.HELD else ""
    return known.is_due(when, now, saved, datetime.fromtimestamp)


def _refuse_once(log: Log, folder: Path, stanza: Stanza, known: state.State, message: str, saved: str) -> int:
    if known.outcome == state.HELD and known.message == message and known.revision == saved:
        return 0
    log.error(message)
    state.save(folder, stanza.name, known.held(message, saved))
    return 1
