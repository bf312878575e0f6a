"""README and CONTRIBUTING name only paths, links, options and commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
DOCUMENTS = (README, CONTRIBUTING)

_PATH = re.compile(r"(?<![\w/.-])((?:xray_tui|tests|\.github|\.ci)/[\w./-]*\w)")
_LINK = re.compile(r"\]\(([^)#]+)(#[\w-]+)?\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_path_named_exists(document: Path) -> None:
    text = _LINK.sub("]()", document.read_text(encoding="utf-8"))
    named = sorted(set(_PATH.findall(text)))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_many_paths_were_found() -> None:
    assert len(set(_PATH.findall(CONTRIBUTING.read_text(encoding="utf-8")))) > 50


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_link_leads_to_a_file_and_its_heading(document: Path) -> None:
    for target, section in _LINK.findall(document.read_text(encoding="utf-8")):
        linked = document.parent / target
        assert linked.exists(), target
        if section:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert section[1:] in {heading.lower().replace(" ", "-") for heading in headings}


def test_names_in_backquotes_are_in_the_file_named_next_to_them() -> None:
    """In text such as "``SCHEDULERS`` of ``xray_tui/…/schedulers.py``", that file has the name."""
    text = " ".join(CONTRIBUTING.read_text(encoding="utf-8").split())
    pairs = re.findall(r"`(\w+)`,? (?:of|in) `((?:xray_tui|tests)/[\w/.]+\.py)`", text)
    assert len(pairs) > 5
    for name, path in pairs:
        assert re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8")), (name, path)


def test_the_readme_keeps_the_command_that_ci_runs() -> None:
    commands = re.findall(r"^python3 -m venv \.venv && .*pytest$", README.read_text("utf-8"), re.M)
    assert len(commands) == 1
    assert "python3 -m venv" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("picture", ["workbench.png", "review.png", "loupe.png", "sheet.jpg"])
def test_the_pictures_of_the_readme_are_small(picture: str) -> None:
    assert f".github/{picture}" in README.read_text(encoding="utf-8")
    assert (ROOT / ".github" / picture).stat().st_size < 300_000


def test_pytest_knows_the_options_that_contributing_names() -> None:
    command = [sys.executable, "-m", "pytest", "-n", "0", "--help"]
    known = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"pytest .*?(--[\w-]+)", CONTRIBUTING.read_text(encoding="utf-8")))
    assert options == {"--snapshot-update", "--update-manual"}
    assert all(option in known for option in options)
