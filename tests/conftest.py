"""Options of the test run."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-manual",
        action="store_true",
        help="rewrite the generated tables in the pages of the manual",
    )
