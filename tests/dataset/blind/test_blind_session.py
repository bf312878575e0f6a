"""Blind reading: selection of images, invalid requests, session files, and answers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.blind_samples import (
    LABELS,
    a_root,
    a_session,
    blind_items,
    make_session,
    real_folder,
)
from support.dataset_samples import NASTY

from xray_tui.dataset.blind import real_files
from xray_tui.dataset.blind.answers import UNSURE, BlindAnswer, Reading, file_name, read_answers
from xray_tui.dataset.blind.choosing import SessionRequest, draw_session
from xray_tui.dataset.blind.normalising import common_size, normalise
from xray_tui.dataset.blind.overview import overviews
from xray_tui.dataset.blind.real_files import find_real
from xray_tui.dataset.blind.regions import region_of_folders
from xray_tui.dataset.blind.report import markdown
from xray_tui.dataset.blind.results import results_of
from xray_tui.dataset.blind.session import (
    folder_of,
    free_name,
    open_session,
    save_session,
    session_names,
)
from xray_tui.errors import DatasetError

ANSWERS_UNTIL_KILLED = """
import sys
from itertools import count
from pathlib import Path
from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.session import open_session
root = Path(sys.argv[1])
reading = Reading(root, open_session(root, "first"), "ann")
for number in count():
    reading.store(number % 4, BlindAnswer("real", ("normal", "effusion")[number // 4 % 2]))
    print(number, flush=True)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path)


# ---- selection -----------------------------------------------------------------------------------


def test_half_of_the_images_are_real_and_all_are_shuffled(root: Path, tmp_path: Path) -> None:
    items = blind_items(root, 12)
    session = make_session(
        root, SessionRequest("first", 10, real_folder(tmp_path / "real"), 3), items
    )
    assert session == open_session(root, "first")
    assert (session.count("real"), session.count("synthetic")) == (5, 5)
    origins = [item.origin for item in session.items]
    assert origins not in (sorted(origins), sorted(origins, reverse=True))
    for item in session.items:
        assert (root / item.file).is_file()
        assert item.label in LABELS and f"/{item.label}/" in item.file
    assert session.labels == list(LABELS)
    assert (session.width, session.height) == (128, 128)


def test_the_same_seed_selects_the_same_images(root: Path, tmp_path: Path) -> None:
    items, folder = blind_items(root, 12), real_folder(tmp_path / "real")
    first, same, other = (
        make_session(root, SessionRequest(name, 8, folder, seed), items).items
        for name, seed in (("first", 5), ("same", 5), ("other", 6))
    )
    assert first == same != other


def test_without_real_images_all_are_synthetic_and_none_is_repeated(root: Path) -> None:
    session = make_session(root, SessionRequest("first", 7), blind_items(root, 7))
    assert len({item.task_id for item in session.items} - {None}) == 7
    assert not session.real_folder


def test_real_images_match_the_regions_and_labels_selected(root: Path, tmp_path: Path) -> None:
    folder = real_folder(tmp_path / "real")
    knee = folder / "knee" / "normal"
    knee.mkdir(parents=True)
    for number in range(30):
        Image.new("L", (64, 64), number).save(knee / f"{number}.png")
    session = make_session(root, SessionRequest("first", 10, folder), blind_items(root, 20))
    kinds = {origin: Counter[str]() for origin in ("real", "synthetic")}
    for item in session.items:
        kinds[item.origin][item.label] += 1
        assert "knee" not in item.file
    assert sum((kinds["real"] & kinds["synthetic"]).values()) >= 3  # as far as the files allow


def test_real_images_of_another_body_part_are_the_last_resort_and_give_a_warning(
    root: Path, tmp_path: Path
) -> None:
    folder = real_folder(tmp_path / "real", each=1)
    for name in ("XR_KNEE/patient1/study1_negative", "mixed"):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            Image.new("L", (64, 64), number).save(folder / name / f"{number}.png")
    items = blind_items(root, 5)
    assert not draw_session(root, SessionRequest("first", 4, folder), items).caution
    session = draw_session(root, SessionRequest("first", 10, folder), items)
    assert session.caution.splitlines() == [
        "Synthetic images: 5 chest.",
        "Real images in the folder: 2 chest, 2 knee, 2 of unknown body part.",
        "Real images selected: 2 chest, 1 knee, 2 of unknown body part.",
        "Readers may recognise the real images by the body part alone.",
    ]
    assert "knee" in markdown(results_of(root, session))


def test_real_images_of_one_region_of_two_give_a_warning(root: Path, tmp_path: Path) -> None:
    items = blind_items(root, 2)
    items += [replace(item, task_id=item.task_id[::-1], region="knee") for item in items]
    session = draw_session(root, SessionRequest("first", 8, real_folder(tmp_path / "real")), items)
    assert "Real images selected: 4 chest." in session.caution
    assert "Synthetic images: 2 chest, 2 knee." in session.caution


@pytest.mark.parametrize(
    ("folders", "region"),
    [
        (["NORMAL", "train", "chest_xray"], "chest"),
        (["knee", "chest"], "knee"),
        (["XR_HAND"], "hand-wrist"),
        (["Wrist"], "wrist"),
        (["hip pelvis"], "hip-pelvis"),
        (["cervical-spine"], "spine"),
        (["lumbar_spine"], "lumbar-spine"),
        (["handmade", "1"], ""),
    ],
)
def test_folder_names_give_the_body_part(folders: list[str], region: str) -> None:
    assert region_of_folders(folders, {"chest", "hand-wrist", "wrist", "lumbar-spine"}) == region


def test_unreadable_images_are_left_out_and_counted(root: Path, tmp_path: Path) -> None:
    items = blind_items(root, 4)
    (root / items[0].file).unlink()
    (root / items[1].file).write_bytes((root / items[1].file).read_bytes()[:60])
    folder = real_folder(tmp_path / "real", each=1)
    for number in range(40):
        (folder / f"{number}.png").write_bytes(b"no image")
    session = make_session(root, SessionRequest("first", 4, folder, seed=0), items)
    assert {item.task_id for item in session.items} == {items[2].task_id, items[3].task_id, None}
    assert session.left_out == 2  # with this seed both bad images come before the last good one
    with pytest.raises(DatasetError, match="3 synthetic images needed, but only 2 can be read"):
        make_session(root, SessionRequest("second", 3), items)
    assert session_names(root) == ["first"]


def test_links_pipes_hidden_files_and_datasets_are_skipped(tmp_path: Path) -> None:
    folder = real_folder(tmp_path / "real", each=1)
    original = folder / "chest" / "normal" / "0.jpg"
    (folder / "link.jpg").symlink_to(original)
    (folder / "loop").symlink_to(folder)
    (folder / ".hidden.jpg").write_bytes(original.read_bytes())
    (folder / "notes.txt").write_text("no image")
    (folder / "half\udcff.png").write_bytes(original.read_bytes())
    os.mkfifo(folder / "pipe.png")
    (folder / "generated" / ".xray-tui").mkdir(parents=True)
    (folder / "generated" / "image.png").write_bytes(original.read_bytes())
    (folder / "unlabelled" / "0.JPEG").parent.mkdir()
    (folder / "unlabelled" / "0.JPEG").write_bytes(original.read_bytes())
    found = find_real(folder, {"chest"}, set(LABELS))
    assert [(file.path.name, file.region, file.label) for file in found] == [
        ("0.jpg", "chest", "effusion"),
        ("0.jpg", "chest", "normal"),
        ("0.JPEG", "", ""),
    ]


def test_only_part_of_a_huge_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_files, "MAX_FILES", 4)
    assert len(find_real(real_folder(tmp_path / "real", each=3), (), ())) == 4


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            SessionRequest("No slug", 4),
            '"No slug" cannot be a session name; use 1 to 40 characters: a-z',
        ),
        (SessionRequest("../up", 4), "cannot be a session name"),
        (SessionRequest("con", 4), "is a device name"),
        (SessionRequest("new", 0), "ask for 1 or more"),
        (
            SessionRequest("new", 5),
            "5 synthetic images needed, but only 4 can be read; ask for at most 4",
        ),
        (SessionRequest("new", 1, Path("real")), "ask for 2 or more"),
        (
            SessionRequest("new", 6, Path("real")),
            "3 real radiographs needed, but only 2 can be read",
        ),
        (SessionRequest("new", 4, Path("missing")), "there is no such folder"),
        (SessionRequest("new", 4, Path("a-file")), "there is no such folder"),
        (SessionRequest("new", 4, Path("empty")), "there is no PNG or JPEG image in this folder"),
        (SessionRequest("new", 4, Path("xrays/chest")), "whose images are synthetic"),
        (SessionRequest("there", 4), "there is already a session named there"),
    ],
)
def test_requests_that_cannot_be_met_are_refused(
    asked: SessionRequest,
    problem: str,
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    items = blind_items(root, 4)
    real_folder(tmp_path / "real", each=1)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").touch()
    save_session(root, a_session("there"))
    with pytest.raises(DatasetError, match=problem):
        make_session(root, asked, items)
    assert session_names(root) == ["there"]


def test_an_empty_dataset_is_refused(root: Path) -> None:
    with pytest.raises(DatasetError, match="no image to read"):
        make_session(root, SessionRequest("new", 4), [])


# ---- normalised images ---------------------------------------------------------------------------


def test_images_are_shown_in_one_size_with_full_contrast() -> None:
    size = common_size([(256, 320), (256, 320), (512, 512)], [(1000, 400)])
    assert size == (256, 320)
    assert common_size([(512, 512)], [(300, 900)]) == (300, 300)  # nothing is enlarged
    assert common_size([(512, 512)], [(10, 900)]) == (128, 128)  # except tiny images
    assert max(common_size([(4096, 10)], [])) == 1024
    dull = Image.linear_gradient("L").point(lambda grey: 80 + grey // 4)
    shown = normalise(dull, (100, 50))
    assert shown.size == (100, 50) and shown.getextrema() == (0, 255)


# ---- session files -------------------------------------------------------------------------------


def test_a_session_is_not_overwritten(root: Path) -> None:
    save_session(root, a_session())
    with pytest.raises(DatasetError, match="already"):
        save_session(root, a_session(seed=2))
    assert open_session(root, "first").seed == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"format": 3}', "format"),
        (a_session(width=64).model_dump_json().replace('"width":64', '"width":10000000'), "width"),
        (a_session("other").model_dump_json(), "this is session other"),
    ],
)
def test_a_session_that_cannot_be_read_says_why(text: str, problem: str, root: Path) -> None:
    save_session(root, a_session())
    path = folder_of(root, "first") / "session.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=problem) as caught:
        open_session(root, "first")
    assert "session.json" in str(caught.value)
    (overview,) = overviews(root)
    assert overview.session is None and problem in overview.problem


def test_a_session_that_does_not_exist_cannot_be_opened(root: Path) -> None:
    assert session_names(root) == []
    for name in ("first", "../first"):
        with pytest.raises(
            DatasetError, match=r"no blind reading session|cannot be a session name"
        ):
            open_session(root, name)
    assert free_name([]) == "reading-1"
    assert free_name(["a", "reading-3"]) == "reading-4"


# ---- answers -------------------------------------------------------------------------------------


def test_the_last_answer_counts_and_each_reviewer_has_their_own(root: Path) -> None:
    session = a_session()
    save_session(root, session)
    ann, other = Reading(root, session, "ann"), Reading(root, session, NASTY)
    ann.store(0, BlindAnswer("real"))
    assert ann.open_items == [0, 1, 2, 3]  # the label is missing
    ann.store(0, BlindAnswer("synthetic", "normal"))
    ann.store(3, BlindAnswer("real", UNSURE))
    other.store(0, BlindAnswer("real", "effusion"))
    again = Reading(root, session, "ann")
    assert again.open_items == [1, 2]
    assert again.answer(0) == BlindAnswer("synthetic", "normal")
    assert read_answers(root, session) == {
        "ann": {0: BlindAnswer("synthetic", "normal"), 3: BlindAnswer("real", "")},
        NASTY: {0: BlindAnswer("real", "effusion")},
    }
    (overview,) = overviews(root)
    assert overview.complete == {"ann": 2, NASTY: 1}
    names = {path.name for path in folder_of(root, "first").glob("answers-*")}
    assert names == {"answers-ann.jsonl", file_name(NASTY)}


def test_without_a_choice_of_labels_only_the_origin_is_asked(root: Path) -> None:
    session = a_session(labels=["normal"])
    save_session(root, session)
    reading = Reading(root, session, "ann")
    reading.store(1, BlindAnswer("real"))
    assert reading.open_items == [0, 2, 3]


def test_invalid_lines_are_ignored(root: Path) -> None:
    session = a_session()
    save_session(root, session)
    Reading(root, session, "ann").store(0, BlindAnswer("real", "normal"))
    good = {"item": 1, "origin": "real", "label": None, "reviewer": "ann"}
    bad = [{"item": 4}, {"item": -1}, {"item": True}, {"item": "1"}, {"origin": "fake"}]
    bad += [{"label": "x"}, {"label": []}, {"label": 1}, {"reviewer": 1}]
    lines = [json.dumps(good | change) for change in bad]
    path = folder_of(root, "first") / "answers-ann.jsonl"
    with path.open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write("\n".join([*lines, "null", "7", "[" * 100_000, "\udcff\x00", '{"item": 2, "or']))
    assert read_answers(root, session) == {"ann": {0: BlindAnswer("real", "normal")}}
    Reading(root, session, "ann").store(
        1, BlindAnswer("synthetic", "normal")
    )  # after the torn line
    assert set(Reading(root, session, "ann")._answers) == {0, 1}


def test_a_kill_loses_no_answer(root: Path) -> None:
    session = a_session()
    save_session(root, session)
    with subprocess.Popen(
        [sys.executable, "-c", ANSWERS_UNTIL_KILLED, str(root)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    last = max([19, *map(int, rest)])
    answers = read_answers(root, session)["ann"]
    for number in range(last - 2, last + 1):  # one more may be on disk than was printed
        label = ("normal", "effusion")[number // 4 % 2]
        assert answers[number % 4] == BlindAnswer("real", label)
