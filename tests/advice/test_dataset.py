"""Files, folders and names of a dataset: obstacles are removed as the message advises."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.blind_samples import a_root, a_session
from support.dataset_fixtures import dataset, root
from support.dataset_samples import make_image, make_provenance, make_task
from support.review_datasets import save_images

from xray_tui.dataset.blind.session import folder_of, open_session, save_session
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, png
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.verifying import verify
from xray_tui.dataset.review.merging import merge
from xray_tui.dataset.review.targets import Targets
from xray_tui.errors import DatasetError

__all__ = ["dataset", "root"]


def refusal(act: Callable[[], object]) -> str:
    """The message with which ``act`` is refused."""
    with pytest.raises(DatasetError) as caught:
        act()
    return str(caught.value)


def save(dataset: Dataset) -> Record:
    return dataset.save(make_image(), make_task(), make_provenance(), "job-1")


def test_another_dataset_folder_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refusal(lambda: Dataset(tmp_path / "file"))
    advised(" is a file, not a folder; choose another dataset folder", message)
    Dataset(tmp_path / "other").close()


def test_after_a_deleted_current_folder_another_one_or_a_whole_path_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    message = refusal(lambda: layout.absolute_root(Path("dataset")))
    advised("change to another folder, or give the whole path of the dataset", message)
    assert layout.absolute_root(tmp_path / "whole") == tmp_path / "whole"
    monkeypatch.chdir(tmp_path)
    assert layout.absolute_root(Path("dataset")) == tmp_path / "dataset"


def test_a_deleted_dataset_needs_a_restart(dataset: Dataset) -> None:
    save(dataset)
    shutil.rmtree(dataset.root)
    message = refusal(lambda: save(dataset))
    advised("nothing more is saved here, so restart xray-tui", message)
    again = Dataset(dataset.root)
    save(again)
    again.close()


@pytest.mark.parametrize("kind", ["folder", "file", "image"])
def test_a_file_in_the_way_of_an_image_is_moved(dataset: Dataset, kind: str) -> None:
    path = layout.image_path(dataset.root, make_task())
    obstacle = path.parent if kind == "folder" else path
    obstacle.parent.mkdir(parents=True, exist_ok=True)
    other = png.encode(make_image(), make_task(8), make_provenance())
    obstacle.write_bytes(other if kind == "image" else b"mine")
    message = refusal(lambda: save(dataset))
    if kind == "folder":
        advised("a file is where a folder should be; move it elsewhere", message)
    elif kind == "file":
        advised("a file is in the way; move it elsewhere: ", message)
    else:
        advised("the image of another task is in the way; move it elsewhere", message)
    obstacle.rename(dataset.root.parent / "elsewhere")
    save(dataset)


def test_a_file_with_the_name_of_a_relabelled_image_is_moved(dataset: Dataset) -> None:
    record = save(dataset)
    obstacle = dataset.root / "chest" / "effusion" / Path(record.file).name
    obstacle.parent.mkdir()
    obstacle.write_bytes(b"mine")
    message = refusal(lambda: dataset.desk("anna").relabel([record.id], "effusion"))
    advised("another file has this name; move it elsewhere", message)
    obstacle.rename(dataset.root.parent / "elsewhere")
    dataset.desk("anna").relabel([record.id], "effusion")
    assert obstacle.is_file()


def test_a_locked_dataset_is_waited_for_or_left_for_another(
    dataset: Dataset, tmp_path: Path
) -> None:
    other = Dataset(dataset.root)
    with dataset.generator_lock():
        message = refusal(lambda: save(other))
        advised("; wait for it, stop it, or choose another dataset folder", message)
        third = Dataset(tmp_path / "third")
        save(third)
        third.close()
    save(other)
    other.close()


def test_a_note_is_shortened(dataset: Dataset) -> None:
    record = save(dataset)
    desk = dataset.desk("anna")
    message = refusal(lambda: desk.set_note([record.id], "x" * 100_000))
    advised("the note is too long; use at most ", message)
    (most,) = (int(word.replace(",", "")) for word in message.split() if word[0].isdigit())
    desk.set_note([record.id], "x" * most)


def test_the_right_file_of_reviews_is_chosen(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    save_images(mine, 2)
    shutil.copytree(mine, theirs)
    for folder, reviewer in ((mine, "anna"), (theirs, "bob")):
        opened = Dataset(folder)
        opened.desk(reviewer).set_decision([1], "accepted")
        opened.close()
    opened = Dataset(mine)

    def merge_from(path: Path) -> object:
        return merge(mine, opened._database, [path])

    empty = tmp_path / "notes.txt"
    empty.write_text("nothing", encoding="utf-8")
    advised("has no reviews; choose a reviews.jsonl file", refusal(lambda: merge_from(empty)))
    own = refusal(lambda: merge_from(mine / layout.REVIEWS))
    advised("belongs to this dataset; choose a file from another machine", own)
    itself = refusal(lambda: merge_from(mine))
    advised("this is the dataset itself; choose a dataset from another machine", itself)
    (tmp_path / "none").mkdir()
    message = refusal(lambda: merge_from(tmp_path / "none"))
    advised("choose a dataset, or a folder with reviews.jsonl", message)
    missing = refusal(lambda: merge_from(tmp_path / "nothing"))
    advised("there is no such file or folder; check the path", missing)
    (theirs / layout.REVIEWS).unlink()
    lost = refusal(lambda: merge_from(theirs))
    advised("is lost; to write it again from its catalog: ", lost)
    (theirs / layout.REVIEWS).touch()
    assert refusal(lambda: merge_from(theirs)) == lost
    verify(Path(lost.rpartition(" ")[2]), repair=True)
    merge_from(theirs)
    opened.close()


def test_targets_are_edited_with_a_text_editor(tmp_path: Path) -> None:
    targets = Targets(tmp_path)
    targets.path.mkdir()
    advised("is not a plain file; move it elsewhere", refusal(targets.read))
    targets.path.rename(tmp_path / "elsewhere")
    targets.set({("chest", "normal"): 5})
    assert targets.read() == {("chest", "normal"): 5}


def test_a_blind_session_gets_another_name_or_its_own_again(tmp_path: Path) -> None:
    root = a_root(tmp_path)
    save_session(root, a_session("first"))
    taken = refusal(lambda: save_session(root, a_session("first")))
    advised("continue it, or choose another name", taken)
    assert open_session(root, "first").name == "first"
    save_session(root, a_session("second"))

    folder_of(root, "first").rename(folder_of(root, "third"))
    message = refusal(lambda: open_session(root, "third"))
    advised("; rename its folder to ", message)
    folder_of(root, "third").rename(folder_of(root, message.rpartition(" ")[2]))
    assert open_session(root, "first").name == "first"
