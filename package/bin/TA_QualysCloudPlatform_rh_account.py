"""splunkd's door to the Account tab."""

import import_declare_test  # noqa: F401 - puts lib/ first on sys.path

from qualys_ta.api.about import test_connection
from qualys_ta.splunk.handlers import account

if __name__ == "__main__":
    account.serve(test_connection)
