"""The images of a blind reading are still found after a relabel and a rebuild."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.blind_samples import make_session, real_folder, to_format_1
from support.review_datasets import save_images

from xray_tui.dataset.blind.choosing import SessionRequest
from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.blind.session import Session, open_session
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, png
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import DatasetError


@contextmanager
def a_desk(root: Path) -> Iterator[ReviewDesk]:
    dataset = Dataset(root)
    yield dataset.desk("ann")
    dataset.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    save_images(tmp_path / "images", 6)
    return tmp_path / "images"


@pytest.fixture
def session(root: Path, tmp_path: Path) -> Session:
    """Four of the six images, and four real radiographs."""
    with a_desk(root) as desk:
        items = desk.blind_images().items(range(1, 7))
    return make_session(
        root, SessionRequest("first", 8, real_folder(tmp_path / "real"), seed=1), items
    )


def relabel_and_rebuild(root: Path) -> None:
    """Give every record another id, and move some files."""
    with a_desk(root) as desk:
        before = {record_id: desk.record(record_id) for record_id in range(1, 7)}
        desk.relabel([1, 2, 3], "zoster")
    rebuild(root)
    with a_desk(root) as desk:
        for record_id, record in before.items():
            now = desk.record(record_id)
            assert now and record and now.task.id != record.task.id


def paths_of(root: Path, name: str = "first") -> list[Path]:
    with a_desk(root) as desk:
        return desk.blind_images().paths(open_session(root, name))


def test_a_session_keeps_the_selected_images(root: Path, session: Session) -> None:
    assert paths_of(root) == [root / item.file for item in session.items]
    relabel_and_rebuild(root)
    for item, path in zip(session.items, paths_of(root), strict=True):
        if item.task_id is None:
            assert path == Path(item.file)
        else:
            assert png.read_pixels(path).task.id == item.task_id


def test_images_of_earlier_versions_are_found_by_file_name(root: Path, session: Session) -> None:
    to_format_1(root, session)
    assert [item.origin for item in open_session(root, "first").items] == [
        item.origin for item in session.items
    ]
    relabel_and_rebuild(root)
    for item, path in zip(session.items, paths_of(root), strict=True):
        assert item.task_id is None or png.read_pixels(path).task.id == item.task_id


def test_a_missing_image_stops_only_sessions_of_earlier_versions(
    root: Path, session: Session
) -> None:
    gone = next(item for item in session.items if item.task_id)
    (root / gone.file).unlink()
    rebuild(root)
    paths = paths_of(root)
    assert [path.is_file() for path in paths].count(False) == 1
    to_format_1(root, session)
    with pytest.raises(DatasetError, match="1 of its 4 synthetic images cannot be found"):
        paths_of(root)


def test_two_images_with_the_same_name_are_not_confused(root: Path, session: Session) -> None:
    to_format_1(root, session)
    file = next(item.file for item in session.items if item.task_id)
    with closing(sqlite3.connect(root / layout.CATALOG)) as connection, connection:
        connection.execute(
            "INSERT INTO records SELECT NULL, substr(task_id, 1, 8), job_id, prompt_id,"
            " 'chest/elsewhere/' || ?, width, height, task, provenance FROM records WHERE file = ?",
            (Path(file).name, file),
        )
    with closing(Database(root / layout.CATALOG)) as database:
        images = BlindImages(root, database)
        with pytest.raises(DatasetError, match="1 of its 4 synthetic images cannot be found"):
            images.paths(open_session(root, "first"))
