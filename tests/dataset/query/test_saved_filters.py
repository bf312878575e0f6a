"""Saved filters: a small file that users may also edit in a text editor."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.dataset_samples import temporaries

from xray_tui.dataset.query.parsing import QueryError, parse
from xray_tui.dataset.query.saved_filters import FILTERS, SavedFilters
from xray_tui.errors import DatasetError
from xray_tui.text import clean


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILTERS
    path.parent.mkdir()
    return path


@pytest.fixture
def filters(tmp_path: Path, file: Path) -> SavedFilters:
    return SavedFilters(tmp_path)


def test_a_saved_filter_is_kept_in_the_file(filters: SavedFilters, tmp_path: Path) -> None:
    assert filters.read() == {}
    filters.save("todo", ' is:undecided  "pleural effusion" note:"a \\"b\\", c\x1b" sort:-date')
    assert filters.save("best", "rating>=4") == ""
    saved = SavedFilters(tmp_path).read()
    assert list(saved) == ["todo", "best"]
    assert saved["todo"] == (
        'decision:undecided "pleural effusion" note:"a \\"b\\", c␛" sort:-date'
    )
    assert filters.save("best", "rating:5") == "rating>=4"
    assert filters.read()["best"] == "rating:5"
    filters.remove("todo")
    filters.remove("todo")
    assert list(filters.read()) == ["best"]
    assert not temporaries(tmp_path)


def test_a_filter_in_a_filter_is_replaced_by_its_terms(filters: SavedFilters) -> None:
    filters.save("best", "rating>=4 sort:-rating")
    filters.save("best-knees", "@best region:knee")
    filters.save("best", "rating:5")
    assert filters.read()["best-knees"] == "rating>=4 region:knee sort:-rating"
    assert parse("@best-knees", filters.read())


def test_comments_and_order_are_kept(filters: SavedFilters, file: Path) -> None:
    file.write_text("# mine\nb = 'rating:1'  # low\n\na = \"label:x\"\n")
    filters.save("b", "rating:2")
    filters.save("c", "woman")
    assert file.read_text() == ('# mine\nb = "rating:2"  # low\n\na = "label:x"\nc = "woman"\n')


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = 5", '"a": must be text in quotes'),
        (b"[a]\nb = 'x'", '"a": must be text in quotes'),
        (b"'A b' = 'x'", '"A b" cannot be a filter name; use 1 to 40 characters: a-z'),
        (b"a = 'rating:9'", '"a": character 8: rating cannot be "9"'),
        (b"a = '@b'\nb = 'x'", '"a": character 1: a saved filter cannot use another one'),
        (b"a = 'x'\nb = ", ":2: not valid TOML: Invalid value; write text in quotes"),
        (b"a = '\xff'", ":1: not UTF-8 text"),
        (b"#" * 100_001, "is larger than 100,000 bytes"),
        (b"'\\u001b' = 'x'", "cannot be a filter name"),
    ],
)
def test_an_invalid_file_is_reported_and_not_changed(
    filters: SavedFilters, file: Path, content: bytes, words: str
) -> None:
    file.write_bytes(content)
    for use in (filters.read, lambda: filters.save("new", "x"), lambda: filters.remove("a")):
        with pytest.raises(DatasetError) as caught:
            use()
        message = str(caught.value)
        assert message.startswith(f"{file}:") and words in message
        assert clean(message) == message
    assert file.read_bytes() == content


def test_only_valid_filters_are_saved(filters: SavedFilters, file: Path) -> None:
    with pytest.raises(QueryError, match="whole number from 0 to 5"):
        filters.save("a", "rating:9")
    with pytest.raises(QueryError, match="there is no saved filter"):
        filters.save("a", "@b")
    with pytest.raises(DatasetError, match="cannot be a filter name"):
        filters.save("two words", "x")
    with pytest.raises(DatasetError, match="nothing to save"):
        filters.save("a", "  ")
    assert not file.exists()
    file.write_text("#" * 99_990)
    with pytest.raises(DatasetError, match="too many"):
        filters.save("a", "rating:5")
    assert file.read_text() == "#" * 99_990


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_reported(filters: SavedFilters, file: Path) -> None:
    file.parent.chmod(0o500)
    with pytest.raises(DatasetError, match="no permission"):
        filters.save("a", "x")
