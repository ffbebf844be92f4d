"""What stands between this server and Qualys: `splunk cmd python bin/diagnose.py --help`; see docs/diagnosis.md."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # what root compiled, splunkd's user could never replace

APP_HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(APP_HOME / "lib"))

from qualys_ta.diagnosis import STAGES, diagnosis_of
from qualys_ta.splunk.console import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], APP_HOME, os.environ, diagnosis_of, STAGES))
