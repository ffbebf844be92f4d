"""``python -m standins qualys``: the stand-in as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Optional

from standins.tls import CERTIFICATES

from .limits import Allowance
from .plan import EPOCH
from .standin import QualysStandin


def main(argv: Optional[list[str]] = None) -> int:
    """Serves until SIGTERM or SIGINT; the first line on stdout is JSON: url, ca, username, password."""
    options = _parser().parse_args(argv)
    stopped = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopped.set())
    with ExitStack() as running:
        folder = options.folder or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="qualys-standin-")))
        standin = running.enter_context(_standin(options, folder))
        greeting = {name: getattr(standin, name) for name in ("url", "ca", "username", "password")}
        print(json.dumps(greeting), flush=True)
        stopped.wait()
    return 0


def _standin(options: argparse.Namespace, folder: Path) -> QualysStandin:
    users = {options.username: options.password} if options.username else None
    return QualysStandin(
        folder,
        hosts=options.hosts,
        findings=options.findings,
        seed=options.seed,
        faults=",".join(options.faults),
        dirt=",".join(options.dirt),
        users=users,
        require_client_cert=options.require_client_cert,
        certificate=options.certificate,
        page_limit=options.page_limit,
        results_bytes=options.results_bytes,
        epoch=int(time.time()) if options.epoch == "now" else options.epoch,
        allowance=Allowance(options.rate, options.window, options.concurrency),
        gone_versions=tuple(options.gone_versions),
        port=options.port,
        knowledge_entries=options.knowledge_entries,
        policies=options.policies,
        controls=options.controls,
        web_apps=options.web_apps,
        web_findings=options.web_findings,
        tickets=options.tickets,
        fim_events=options.fim_events,
        fim_ignored_events=options.fim_ignored_events,
        fim_incidents=options.fim_incidents,
    )


def _parser() -> argparse.ArgumentParser:
    usual = Allowance()
    parser = argparse.ArgumentParser(prog="python -m standins qualys", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where certificates are kept (default: a folder that goes away)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--findings", type=int, default=10)
    parser.add_argument("--knowledge-entries", type=int, default=600, help="QIDs the knowledge base speaks of")
    parser.add_argument("--policies", type=int, default=6, help="policies of compliance")
    parser.add_argument("--controls", type=int, default=8, help="of each policy")
    parser.add_argument("--web-apps", type=int, default=6, help="web applications")
    parser.add_argument("--web-findings", type=int, default=8, help="of each web application")
    parser.add_argument("--tickets", type=int, default=24, help="remediation tickets")
    parser.add_argument("--fim-events", type=int, default=40, help="changes of files")
    parser.add_argument("--fim-ignored-events", type=int, default=12, help="changes that a rule lets pass")
    parser.add_argument("--fim-incidents", type=int, default=8, help="incidents of file integrity")
    parser.add_argument("--results-bytes", type=int, default=0, help="least length of each finding's RESULTS")
    parser.add_argument("--faults", nargs="*", default=(), help="[resource:]kind[*N|*always][@k] …")
    parser.add_argument("--dirt", nargs="*", default=(), help="kinds, or all")
    parser.add_argument("--username", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--require-client-cert", action="store_true")
    parser.add_argument("--certificate", choices=CERTIFICATES, default="good")
    parser.add_argument("--page-limit", type=int, help="most hosts on a page, whatever is asked for")
    parser.add_argument("--epoch", default=EPOCH, help="hosts were last processed before it; or: now")
    parser.add_argument("--rate", type=int, default=usual.rate, help="calls per window")
    parser.add_argument("--window", type=int, default=usual.window_s, help="seconds")
    parser.add_argument("--concurrency", type=int, default=usual.concurrency)
    parser.add_argument("--gone-versions", nargs="*", default=(), metavar="VERSION")
    return parser
