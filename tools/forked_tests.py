"""Runs tests again and again for tools/mutate.py: what pytest needs is loaded once, each run is a fork.

Reads lines of JSON, a list of paths each, from standard input; answers each with pytest's exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import cronsim  # noqa: F401
import hypothesis.extra
import hypothesis.strategies  # noqa: F401
import lxml.etree  # noqa: F401
import pcre2  # noqa: F401
import pytest
import requests  # noqa: F401
import trustme  # noqa: F401

TIMEOUT_S = 40
OPTIONS = ("-q", "-x", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def run(tests: list[str]) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.alarm(TIMEOUT_S)  # what takes for ever was noticed, too
    os._exit(int(pytest.main([*OPTIONS, *tests])))


for line in sys.stdin:
    print(run(json.loads(line)), flush=True)
