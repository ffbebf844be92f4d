"""What holds for all tests: hypothesis is bounded and repeatable, and `--rewrite` writes golden files anew."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("support")

settings.register_profile(
    "ci",
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write the golden expectations anew, for review")
    parser.addoption("--every-write", action="store_true", help="kill at every write, not only at every fifth")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("every_write"):
        from support import deaths

        deaths.STRIDE = 1
