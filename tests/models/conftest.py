import shutil
from pathlib import Path

import pytest
from support.tiny import build_tiny

from xray_tui.models import hashing
from xray_tui.models.hub.environment import prepare_environment


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps tests from reading or writing this machine's caches."""
    from huggingface_hub import constants

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(hashing, "_cached", None)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint; tests must not change it."""
    prepare_environment()
    return build_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def tiny(built: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint that a test may damage."""
    return shutil.copytree(built, tmp_path / "tiny")
