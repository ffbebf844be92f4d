"""The command ``cleanup.py``: deletes what failed runs left in ``tmp/``, and says what. For people, started by hand.

Needs no splunkd and no session; the environment of ``splunk cmd`` says where the inputs' locks are. The options are
those of the vendor's script. Exit codes: 0 done, 1 something could not be done or known, 2 wrong options.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Callable

from .cleaning import KINDS, PRESERVED, Found, Locks, Outcome, cleaned
from .cleanup_groups import GROUPS

DESCRIPTION = """\
Deletes files that failed runs left in the add-on's folder tmp: pages, *.errored,
*.events and PID files that belong to no run, and what the vendor's add-on left
there. Files of an input that is running are kept. What "Keep the API's answers"
kept (preserved) is deleted only with your yes. Nothing outside tmp is touched,
and no .seed file."""

EXAMPLES = """\
examples:
  splunk cmd python bin/cleanup.py --all --count     what would be deleted?
  splunk cmd python bin/cleanup.py --hd --was        only these
  splunk cmd python bin/cleanup.py --all --yes       what is preserved, too
  splunk cmd python bin/cleanup.py --hd --folder /data/qualys
                                                     if "Folder for downloads" is set

exit codes: 0 done; 1 something could not be deleted, or whether an input runs
could not be known; 2 wrong options"""

_COLUMNS = ("Input", *(kind if kind != "pid" else "PID" for kind in KINDS), "MB")


def main(argv: Sequence[str], app_home: Path, environ: Mapping[str, str], ask: Callable[[str], str] = input) -> int:
    """Do what the options say; print what was done. Returns the exit code; ends the process on wrong options."""
    options = parser().parse_args(argv)
    groups = tuple(group for group in GROUPS if options.all or getattr(options, group.flag))
    if not groups and options.count:
        groups = GROUPS
    if not groups:
        parser().error("say what to clean: --all, or some of " + " ".join(f"--{group.flag}" for group in GROUPS))
    own = options.folder is None
    path = app_home / "tmp" if own else options.folder.resolve()
    locks = Locks(environ)

    def run(counting: bool, preserved: bool) -> Outcome:
        everything = options.all or (options.count and groups == GROUPS)
        return cleaned(path, locks, groups, own=own, everything=everything, counting=counting, preserved=preserved)

    try:
        outcome = run(counting=True, preserved=True)
        if not options.count:
            kept = outcome.total().counts[PRESERVED]
            agreed = bool(kept) and (options.yes or _agreed(kept, ask))
            outcome = run(counting=False, preserved=agreed)
            if kept and not agreed:
                outcome.kept.append(f"{kept} preserved: to delete them, too, say --yes.")
    except OSError as error:
        return _unusable(path, own, error)
    _print(_report(outcome, path, options.count, options.debug))
    return 1 if outcome.failed else 0


def parser() -> argparse.ArgumentParser:
    """All options: ours, and the vendor's spellings."""
    parser = argparse.ArgumentParser(
        prog="cleanup.py",
        usage="splunk cmd python bin/cleanup.py [options]",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    what = parser.add_argument_group("what to clean")
    what.add_argument("--all", "--d-all", action="store_true", help="all of these")
    for group in GROUPS:
        ours = "" if group.metrics else " (files of the vendor's add-on)"
        what.add_argument(*group.spellings, dest=group.flag, action="store_true", help=group.label + ours)
    parser.add_argument("--count", "--c", "--get-all-cnt", action="store_true", help="only count; alone: count all")
    parser.add_argument("--yes", action="store_true", help="delete preserved output, too, without asking")
    parser.add_argument("--debug", "--d", action="store_true", help="name every file")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="clean this folder for downloads instead of tmp")
    return parser


def _agreed(count: int, ask: Callable[[str], str]) -> bool:
    """Whether a person at a terminal says yes; nobody there says no."""
    if not sys.stdin or not sys.stdin.isatty():
        return False
    try:
        return ask(f"Delete {count} preserved files, too? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _unusable(path: Path, own: bool, error: OSError) -> int:
    if own and error.errno == errno.ENOENT:
        _print(["Nothing to clean: there is no folder tmp."])
        return 0
    if error.errno in (errno.ENOTDIR, errno.ELOOP):
        advice = "it is a symbolic link, or no folder. If it leads to your downloads, name their folder with --folder"
    else:
        advice = error.strerror or str(error)
    _print([f"Cannot clean {path}: {advice}."])
    return 1


def _report(outcome: Outcome, path: Path, counting: bool, names: bool) -> Iterator[str]:
    """What was found or deleted, what was kept and what could not be done, for people."""
    if names:
        yield from outcome.names
    if outcome.found:
        yield f"{'Found' if counting else 'Deleted'} in {path}:"
        yield from _table([*outcome.found, outcome.total()])
    else:
        yield f"{'Found' if counting else 'Deleted'} nothing in {path}."
    yield from _listed("Kept:", outcome.kept)
    yield from _listed("Could not be cleaned:", outcome.failed)


def _table(rows: Iterable[Found]) -> Iterator[str]:
    cells = [_COLUMNS, *((row.owner, *map(str, row.counts.values()), f"{row.bytes / 1e6:.1f}") for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for name, *numbers in cells:
        yield "  ".join((name.ljust(widths[0]), *(text.rjust(width) for text, width in zip(numbers, widths[1:]))))


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {line}" for line in lines)


def _print(lines: Iterable[str]) -> None:
    """Also to a terminal that knows fewer characters than the folder's name has."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
