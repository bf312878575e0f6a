"""Fixtures for tests of blind reading: a dataset, a session in it, and an empty catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.blind_samples import (
    a_root,
    a_session,
)
from support.preview_samples import gradient

from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.blind.session import (
    Session,
    save_session,
)
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path)


@pytest.fixture
def session(root: Path) -> Session:
    """Four images: synthetic normal, synthetic effusion, real normal, real with unknown label."""
    session = a_session()
    save_session(root, session)
    for item in session.items:
        gradient().save(root / item.file)
    return session


@pytest.fixture
def images(root: Path) -> Iterator[BlindImages]:
    """The images of an empty catalog."""
    database = Database(root / layout.CATALOG)
    yield BlindImages(root, database)
    database.close()
