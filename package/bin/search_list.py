"""Makes, lists, changes and deletes search lists in Qualys: `splunk cmd python bin/search_list.py --help`."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # what root compiled, splunkd's user could never replace
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from qualys_ta.search_lists import SearchLists
from qualys_ta.splunk.search_list_console import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, SearchLists))
