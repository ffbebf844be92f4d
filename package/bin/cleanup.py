"""Deletes what failed runs left behind: `splunk cmd python bin/cleanup.py --help`; all thinking is in `qualys_ta`."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # what root compiled, splunkd's user could never replace

from qualys_ta.splunk.cleanup import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parent.parent, os.environ))
