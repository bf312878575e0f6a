"""The tables of the manual say what the code declares."""

from __future__ import annotations

import pytest
from support.manual_tables import with_tables

from xray_tui.manual.pages import TOPICS, page_path


@pytest.mark.parametrize("topic", TOPICS)
def test_generated_tables_are_up_to_date(topic: str, request: pytest.FixtureRequest) -> None:
    path = page_path(topic)
    text = path.read_text(encoding="utf-8")
    if request.config.getoption("--update-manual"):
        path.write_text(with_tables(text), encoding="utf-8")
    else:
        assert with_tables(text) == text, "run: pytest -n 0 tests/manual --update-manual"
