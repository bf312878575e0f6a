"""The workflows and hooks are valid YAML, and agree with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_tests_run_on_every_supported_python_version() -> None:
    job = load(ROOT / ".github/workflows/ci.yml")["jobs"]["check"]
    allowed = SpecifierSet(PROJECT["requires-python"])
    supported = [f"3.{minor}" for minor in range(8, 30) if f"3.{minor}.0" in allowed]
    assert job["strategy"]["matrix"]["python"] == supported
    assert job["steps"][-1]["run"] == ".ci/run"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_version(path: Path) -> None:
    jobs = load(path)["jobs"].values()
    uses = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
    assert uses and all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+", action) for action in uses)
    assert all(job["timeout-minutes"] for job in jobs)


def test_a_tag_publishes_without_a_stored_password() -> None:
    workflow = load(ROOT / ".github/workflows/release.yml")
    publish = workflow["jobs"]["publish"]
    assert workflow[True]["push"]["tags"] == ["v*"]  # YAML reads the key "on" as true
    assert publish["permissions"] == {"id-token": "write"} and publish["needs"] == "build"
    assert "secrets" not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")


def test_the_hooks_run_ruff_and_mypy() -> None:
    hooks = [
        hook["id"]
        for repo in load(ROOT / ".pre-commit-config.yaml")["repos"]
        for hook in repo["hooks"]
    ]
    assert hooks == ["ruff-check", "ruff-format", "mypy"]
