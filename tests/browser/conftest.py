"""One Chromium and one platform for all tests; each has a Splunk of its own, with the built add-on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from support import browser as pages
from support.browser import Visitor
from support.e2e import BUILT

SCREENSHOTS = BUILT.parent / "build" / "screenshots"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if not pages.CHROMIUM:
        items[:] = [item for item in items if item not in ours]
        config.hook.pytest_deselected(items=ours)
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.write_line("\nLeft out: the browser tests, for want of Chromium (apt-get install chromium)")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with pages.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def qualys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QualysStandin]:
    with QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=5, findings=4, seed=3) as qualys:
        yield qualys


@pytest.fixture
def splunk(tmp_path: Path) -> Iterator[SplunkStandin]:
    with SplunkStandin(tmp_path / "splunk", BUILT) as splunk:
        yield splunk


@pytest.fixture
def visitor(chromium: Browser, splunk: SplunkStandin, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Leaves a picture of the last page in build/screenshots; fails where a page had an error."""
    visitor = Visitor(chromium, splunk.web_url, SCREENSHOTS)
    yield visitor
    visitor.keep(request.node.name.removeprefix("test_"))
    visitor.page.context.close()
    assert visitor.faults == []
