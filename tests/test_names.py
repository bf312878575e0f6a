"""The rules for names, and the messages about names that break them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from xray_tui.names import (
    filter_name_problem,
    name_problem,
    reviewer_name_problem,
    session_name_problem,
    tag_problem,
)

RULES = (name_problem, session_name_problem, filter_name_problem, tag_problem)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["a", "0", "knee-severe_2", "a" * 40])
def test_plain_names_are_allowed(rule: Callable[[str], str], name: str) -> None:
    assert rule(name) == ""


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ["", "-a", "_a", "A", "a b", "a/b", "..", "ä", "a\n", "a" * 65])
def test_other_names_are_refused(rule: Callable[[str], str], name: str) -> None:
    assert "characters: a-z, 0-9, - and _, starting with a letter or digit" in rule(name)


def test_a_problem_quotes_the_name_and_states_the_rule() -> None:
    assert name_problem("No\x1b") == (
        '"No␛" cannot be a file or folder name; '
        "use 1 to 64 characters: a-z, 0-9, - and _, starting with a letter or digit"
    )


def test_only_file_and_folder_names_may_have_up_to_64_characters() -> None:
    assert not name_problem("a" * 64)
    assert all(rule("a" * 41) for rule in RULES if rule is not name_problem)


def test_windows_device_names_are_refused_for_folders_and_files_only() -> None:
    for name in ("con", "nul", "lpt1"):
        assert name_problem(name) == (
            f"{name} is a device name on Windows; use another name, such as {name}-1"
        )
        assert session_name_problem(name)
        assert not filter_name_problem(name)
        assert not tag_problem(name)


def test_reviewers_may_have_any_printable_name() -> None:
    assert reviewer_name_problem("Änna Lee") == ""
    for name in ("", "  ", "a\x1b", "a" * 65):
        assert "use 1 to 64 printable characters" in reviewer_name_problem(name)
