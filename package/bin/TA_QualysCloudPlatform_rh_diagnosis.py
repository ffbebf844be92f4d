"""splunkd's door to an account's row on the Configuration page."""

import import_declare_test  # noqa: F401 - puts lib/ first on sys.path

from qualys_ta.diagnosis import STAGES, diagnosis_of
from qualys_ta.splunk.handlers import diagnosis

if __name__ == "__main__":
    diagnosis.serve(diagnosis_of, STAGES)
