"""splunkd's door to an input's row on the Inputs page."""

import import_declare_test  # noqa: F401 - puts lib/ first on sys.path

from qualys_ta.splunk.handlers import checkpoint

if __name__ == "__main__":
    checkpoint.serve()
