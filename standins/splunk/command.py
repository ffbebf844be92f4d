"""`python -m standins splunk`: a Splunk with the built add-on, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import threading
from pathlib import Path

from standins.splunk.standin import SplunkStandin


def main(argv: list[str]) -> int:
    """Prints one line of JSON, then starts enabled inputs and serves until SIGTERM or SIGINT."""
    options = _options(argv)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with tempfile.TemporaryDirectory(prefix="splunk-") as scratch:
        home = options.home or Path(scratch)
        ports = {"port": options.port, "web_port": options.web_port}
        with SplunkStandin(home, options.app, python=options.python, roles=tuple(options.roles), **ports) as splunk:
            print(json.dumps(_greeting(splunk)), flush=True)
            splunk.schedule(options.period)
            over.wait()
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m standins splunk", description=__doc__)
    parser.add_argument("--app", type=Path, required=True, help="the built add-on")
    parser.add_argument("--home", type=Path, help="SPLUNK_HOME; kept afterwards (default: a folder that is removed)")
    parser.add_argument("--port", type=int, default=0, help="of the management API (default: any)")
    parser.add_argument("--web-port", type=int, default=0, help="of Splunk Web (default: any)")
    parser.add_argument("--period", type=float, default=60.0, help="seconds between two starts of an input")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that stands for Splunk's own")
    parser.add_argument("--roles", nargs="+", default=["indexer", "search_head"], help="of server/info")
    return parser.parse_args(argv)


def _greeting(splunk: SplunkStandin) -> dict[str, str]:
    return {
        "url": splunk.management_url,
        "ca": splunk.ca,
        "web": splunk.web_url,
        "home": str(splunk.home),
        "session_key": splunk.session_key,
    }
