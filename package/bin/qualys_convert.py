"""A run starts this file to convert one page in a process of its own; all the thinking is in `qualys_ta`."""

import sys

from qualys_ta.work.child import main

if __name__ == "__main__":
    sys.exit(main())
