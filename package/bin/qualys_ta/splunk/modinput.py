"""splunkd's door: ``--scheme``, ``--validate-arguments``, and the tick that runs an input if it is due.

Imports as little as it can: a tick that is not due ends here. Source: Splunk's modular input documentation.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..errors import ConfigError, TaError
from ..private import FOLDER_MODE
from . import state
from .due import is_due, must_mend
from .invocation import Invocation, Stanza, read_invocation
from .log import Log, log_path
from .lookups import place_stubs
from .revision import revision

_ADVICE = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "It must belong to splunkd's user."),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "Free disk space there."),
}

Runner = Callable[[Invocation, Stanza, Path, Log], int]


def main(argv: list[str], app_home: Path, run: Runner) -> int:
    """Answer splunkd: ``--scheme``, ``--validate-arguments``, or no argument: run. Returns the exit code."""
    if argv[1:2] == ["--scheme"]:
        from .scheme import SCHEME

        place_stubs(app_home)
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
    return max((tick(invocation, stanza, app_home, run) for stanza in invocation.stanzas), default=0)


def tick(invocation: Invocation, stanza: Stanza, app_home: Path, run: Runner) -> int:
    """Run the input if it is due; return the exit code. Not due: no network, no import worth naming, no line."""
    log = Log(log_path(os.environ), stanza.name)
    folder = invocation.checkpoint_dir
    now = time.time()
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        known, warning = state.load(folder, stanza.name, now)
        if warning:
            log.warning(warning)
        if warning or not state.state_path(folder, stanza.name).exists():
            state.save(folder, stanza.name, known)
        if not is_due(known, invocation, stanza, app_home, now) and not must_mend(known, app_home, now):
            return 0
        return run(invocation, stanza, app_home, log)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "")
        log.error(f"Cannot use the checkpoint folder {folder}: {error.strerror}. {advice}")
        return 1
    except TaError as error:
        return _refuse_once(log, folder, stanza, known, str(error), revision(app_home, stanza.app))


def _refuse_once(log: Log, folder: Path, stanza: Stanza, known: state.State, message: str, saved: str) -> int:
    if known.outcome == state.HELD and known.message == message and known.revision == saved:
        return 0
    log.error(message)
    state.save(folder, stanza.name, known.held(message, saved))
    return 1
