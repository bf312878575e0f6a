"""The tables of the manual say what the code declares."""

from __future__ import annotations

import re

import pytest
from support.completion_table import table
from support.manual_tables import KEY_GROUPS, with_tables

from xray_tui.cli.completion.asked import TABLE
from xray_tui.key_names import key_names
from xray_tui.keymap import MEANINGS
from xray_tui.manual.pages import TOPICS, find_page, page_path
from xray_tui.tui.bindings import declared


@pytest.mark.parametrize("topic", TOPICS)
def test_generated_tables_are_up_to_date(topic: str, request: pytest.FixtureRequest) -> None:
    path = page_path(topic)
    text = path.read_text(encoding="utf-8")
    if request.config.getoption("--update-manual"):
        path.write_text(with_tables(text), encoding="utf-8")
    else:
        assert with_tables(text) == text, "run: pytest -n 0 tests/manual --update-manual"


def test_completion_knows_all_commands(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-manual"):
        TABLE.write_text(table(), encoding="utf-8")
    else:
        up_to_date = TABLE.read_text(encoding="utf-8") == table()
        assert up_to_date, "run: pytest -n 0 tests/manual --update-manual"


@pytest.mark.parametrize("topic", TOPICS)
def test_the_keys_that_a_page_names_are_declared(topic: str) -> None:
    """A letter, a digit, a sign or a key with ctrl or shift between backquotes is a key."""
    bindings = [
        binding for owners in KEY_GROUPS.values() for owner in owners for binding in declared(owner)
    ]
    keys = [binding.key for binding in bindings] + [one.keys for one in MEANINGS.values()]
    declared_keys = {key for names in keys for key in key_names(names).split("  ")}
    text = re.sub(r"^```.*?^```", "", find_page(topic).text, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`(\S|(?:ctrl|shift)\+\S+|tab|enter|space|delete|F\d)`", text))
    named = {key.lower() if len(key) == 2 else key for key in named}
    not_keys = {"…", "●", "○", "•", "_", "<", ">"}  # signs of the prompt pane, names and filters
    keys_of_other_programs = {"ctrl+b"}  # tmux
    assert named - not_keys - keys_of_other_programs <= declared_keys
