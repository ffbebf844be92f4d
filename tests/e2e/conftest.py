"""One platform and one Splunk per process of pytest; each test finds them as good as new."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from support import e2e


@pytest.fixture(scope="session")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e2e.Site]:
    with e2e.site(tmp_path_factory.mktemp("e2e")) as site:
        yield site


@pytest.fixture
def site(_site: e2e.Site) -> Iterator[e2e.Site]:
    _site.fresh()
    yield _site
    sys.stdout.write(_site.splunk.log())  # pytest shows it where the test failed
    _site.fresh()
