"""splunkd's door to the tabs Proxy, API, Logging and VM."""

import import_declare_test  # noqa: F401 - puts lib/ first on sys.path

from qualys_ta.splunk.handlers import settings

if __name__ == "__main__":
    settings.serve()
