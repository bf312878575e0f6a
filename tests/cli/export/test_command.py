"""``xray-tui export``: its options, what it prints, and destinations that it refuses."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.exports import files
from support.run_command import RunCommand
from support.small_disk import mounted

from xray_tui.dataset.export.destination import MARKER
from xray_tui.text import clean

Run = Callable[..., str]


@pytest.fixture
def export(root: Path, path: Path, run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``xray-tui export imagefolder``, or another format, to ``path``, or another folder."""
    monkeypatch.setenv("XRAY_TUI_REVIEWER", "ann")

    def run(
        *options: str,
        to: str | Path = path,
        code: int = 0,
        format_name: str = "imagefolder",
        is_checked_first: bool = True,  # before anything is written
    ) -> str:
        before = files(root.parent)
        out, err = run_command("export", format_name, to, "--dataset", root, *options, code=code)
        if code:
            assert err.count("\n") == 1 and not out
        if code and is_checked_first:
            assert files(root.parent) == before
        return out + err

    return run


def test_what_is_printed(export: Run, path: Path) -> None:
    text = export("--split", "80/10/10", "--seed", "7")
    assert text.startswith(f"Exported 20 images to {path}\ntrain: 15, validation: 2, test: 3\n")
    summary = json.loads(export("--only", "all", "--json"))
    assert summary["path"] == str(path)
    assert (summary["images"], summary["splits"], summary["reused"]) == (30, {"train": 30}, 0)
    assert {"region": "chest", "label": "normal", "split": "train", "images": 10} in summary[
        "labels"
    ]
    assert "no image in validation, as there are too few: chest/" in export(
        "--filter", "seed<6", "--split", "80/10/10"
    )


def test_filters_are_those_of_the_review(export: Run) -> None:
    assert "Exported 3 images" in export("--filter", "label:normal is:undecided", "--only", "all")
    assert 'character 1: "lable" is not a field; use label, ' in export(
        "--filter", "lable:x", code=2
    )


def test_a_wrong_word_is_replaced_as_advised(export: Run) -> None:
    advised("use only one of them", export("--size", "64x64", "--link", code=2))
    export("--link")
    advised("use accepted, not-rejected or all", export("--only", "good", code=2))
    export("--only", "not-rejected")
    advised("use sides of", export("--size", "9x9", code=2))
    export("--size", "16x16")
    advised("is not a format; use", export(format_name="imagefolders", code=2))
    advised("give shares that add up to 100", export("--split", "80/30", code=2))
    export("--split", "80/20")
    advised("chooses the columns of csv; leave it out", export("--style", "chexpert", code=2))
    advised("packs them; leave it out", export("--link", format_name="webdataset", code=2))
    export("--shard-size", "9", format_name="webdataset")
    advised("formats with shards; leave it out for", export("--shard-size", "9", code=2))
    wrong = export("--style", "chexprt", format_name="csv", code=2)
    advised("is not a style; use", wrong)
    assert "(did you mean chexpert?)" in wrong
    export("--style", "chexpert", format_name="csv")


def test_without_pyarrow_the_extra_is_named(export: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr("xray_tui.extras.find_spec", lambda _: None)
        message = export(format_name="parquet", code=2)
    assert message == (
        "xray-tui: the format parquet needs pyarrow, which is not installed; install it: "
        "pip install 'xray-tui[parquet]'\n"
    )
    pytest.importorskip("pyarrow", reason="pip install '.[parquet]' brings pyarrow")
    export(format_name="parquet")


def test_without_an_accepted_image_the_others_are_offered(export: Run, root: Path) -> None:
    from xray_tui.dataset.dataset import Dataset

    dataset = Dataset(root)
    ids = [record.id for record in dataset.catalog.records()]
    dataset.desk("ann").set_decision(ids, "undecided")
    dataset.close()
    advised("the others, too, with --only all", export(code=2))
    assert "Exported 30 images" in export("--only", "all")


def test_destinations_that_exist_or_are_in_the_dataset(
    export: Run, root: Path, path: Path, tmp_path: Path
) -> None:
    advised("is inside the dataset; choose a folder outside of it", export(to=root / "x", code=2))
    export(to=root, code=2)
    advised("create it first", export(to=tmp_path / "a/b", code=2))
    (tmp_path / "a").mkdir()
    export(to=tmp_path / "a/b")

    full = tmp_path / "full"
    full.mkdir()
    (full / "a.txt").touch()
    advised(
        "exists and is not an export; choose a folder that does not exist yet",
        export(to=full, code=2),
    )
    export(to=full / "a.txt", code=2)
    advised("is no name for an export; choose a folder that does not", export(to="/", code=2))
    link = tmp_path / "link"
    link.symlink_to(path)
    advised("is a link; choose a folder that does not exist yet", export(to=link, code=2))
    export(to=path)  # does not exist
    (path / "notes.txt").touch()
    advised("files were added to this export; move them elsewhere", export(code=2))
    (path / "notes.txt").rename(tmp_path / "notes.txt")
    export()
    (tmp_path / "empty").mkdir()
    export(to=tmp_path / "empty")

    part = tmp_path / ".other.xray-tui-part"
    part.mkdir()
    (part / "mine").touch()
    advised("is in the way; move it elsewhere", export(to=tmp_path / "other", code=2))
    part.rename(tmp_path / "elsewhere")
    export(to=tmp_path / "other")


def test_only_one_process_writes_an_export(export: Run, path: Path) -> None:
    part = path.with_name(f".{path.name}.xray-tui-part")
    part.mkdir()
    holder = os.open(part, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    advised("another process exports to this folder; wait until it is done", export(code=2))
    os.close(holder)
    export()


def test_a_deleted_current_folder(
    export: Run, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    advised("the current folder was deleted; give a whole path", export(to="release", code=2))
    export()
    monkeypatch.chdir(tmp_path)


def test_a_destination_without_permission(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path and allowed(path, mode))
    advised("no permission to create it in", export(code=2))
    (tmp_path / "mine").mkdir()
    export(to=tmp_path / "mine" / "release")


def test_a_destination_without_room(export: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=10_000))
    message = export(code=2)
    advised("make room, or choose a folder on another disk", message)
    assert "10 kB is free" in message
    monkeypatch.undo()


def test_a_disk_that_fills_up_leaves_nothing_that_looks_finished(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(path)._replace(free=10**9))
    with mounted(tmp_path / "small", "size=64k") as small:
        message = export(to=small / "release", code=2, is_checked_first=False)
        assert "the disk is full; make room" in message
        assert not (small / "release").exists()
        # there is room again, and the same command continues
        os.system(f"mount -o remount,size=4m {small}")
        assert "Continued an interrupted export" in export(to=small / "release")
        assert (small / "release" / MARKER).exists()
        message = export("--link", to=small / "linked", code=2)
        advised("leave out --link", message)
        export(to=small / "linked")


def test_names_are_made_safe_to_show(export: Run, tmp_path: Path) -> None:
    name = tmp_path / "a\x1b[31m"
    name.mkdir()
    (name / "x").touch()
    assert clean(name) in export(to=name, code=2)
