"""splunkd's door to the Inputs page."""

import import_declare_test  # noqa: F401 - puts lib/ first on sys.path

from qualys_ta.splunk.handlers import inputs

if __name__ == "__main__":
    inputs.serve()
