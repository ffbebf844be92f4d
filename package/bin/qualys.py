"""splunkd starts this file once a minute for every enabled input; all the thinking is in `qualys_ta`."""

import sys
from pathlib import Path

APP_HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(APP_HOME / "lib"))

from qualys_ta.splunk.modinput import main


def run(*due) -> int:
    """The run is imported when an input is due, and not before."""
    from qualys_ta.run import run

    return run(*due)


if __name__ == "__main__":
    sys.exit(main(sys.argv, APP_HOME, run))
