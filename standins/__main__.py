"""Starts one stand-in from the command line: ``python -m standins {qualys,splunk} [options]``.

Each stand-in is a package with ``main(argv) -> int``; only the one asked for is imported. Its first line on stdout is
JSON with at least ``url`` and ``ca``; it runs until SIGTERM or SIGINT.
"""

from __future__ import annotations

import importlib
import sys

NAMES = ("qualys", "splunk")


def main(argv: list[str]) -> int:
    """Hands `argv` to the stand-in it names; 2 (usage) when it names none."""
    if not argv or argv[0] not in NAMES:
        print(f"usage: python -m standins {{{','.join(NAMES)}}} [options]", file=sys.stderr)
        return 2
    standin = importlib.import_module(f"standins.{argv[0]}")
    return int(standin.main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
