"""A small valid library that the tests of this folder break, mutate and edit."""

from pathlib import Path

import pytest

GOOD = Path(__file__).with_name("good.toml").read_text(encoding="utf-8")


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.toml"
    path.write_bytes(GOOD.encode())
    return path
