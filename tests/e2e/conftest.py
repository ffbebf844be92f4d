"""One platform and one Splunk per process of pytest; each test finds them as good as new."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import e2e


@pytest.fixture(scope="session")
def _site() -> Iterator[e2e.Site]:
    # Not pytest's own folder: only its owner may enter that, and one of the tests is somebody else.
    with tempfile.TemporaryDirectory(prefix="e2e-") as folder:
        Path(folder).chmod(0o755)
        with e2e.site(Path(folder)) as site:
            yield site


@pytest.fixture
def site(_site: e2e.Site) -> Iterator[e2e.Site]:
    _site.fresh()
    yield _site
    sys.stdout.write(_site.splunk.log())  # pytest shows it where the test failed
    _site.fresh()
