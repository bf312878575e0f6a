"""Targets: the file that users edit, and the number of images that are still missing."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.dataset_samples import temporaries

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import MOST_AT_ONCE, Shortfall, shortfall
from xray_tui.dataset.review.target_edits import TargetEdits
from xray_tui.dataset.review.targets import MAX_TARGET, TARGETS, Label, Targets, target_of
from xray_tui.errors import DatasetError
from xray_tui.text import clean

SLUGS = st.sampled_from(["normal", "effusion", "covid-19", "grade_2", "0"])
REGIONS = st.sampled_from(["chest", "knee", "hand"])
COMMENTS = st.sampled_from(["", "", "  # few", "# [knee]", '\n# normal = "5"', "\n\n"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / TARGETS


@pytest.fixture
def targets(tmp_path: Path) -> Targets:
    return Targets(tmp_path)


# ---- the file ------------------------------------------------------------------------------------


def test_a_target_is_kept_in_the_file(targets: Targets, tmp_path: Path, file: Path) -> None:
    assert targets.read() == {}
    targets.set({("chest", "normal"): None})
    assert not file.exists()
    targets.set({("chest", "normal"): 200})
    targets.set({("knee", "severe"): 5})
    targets.set({("chest", "pneumonia"): 100})
    targets.set({("chest", "normal"): 250})
    assert Targets(tmp_path).read() == {
        ("chest", "normal"): 250,
        ("chest", "pneumonia"): 100,
        ("knee", "severe"): 5,
    }
    assert file.read_text() == "[chest]\nnormal = 250\npneumonia = 100\n\n[knee]\nsevere = 5\n"
    targets.set({("knee", "severe"): None})
    assert ("knee", "severe") not in targets.read()
    assert not temporaries(tmp_path)


def test_many_targets_are_set_at_once_or_not_at_all(targets: Targets, file: Path) -> None:
    file.write_text("# mine\n[chest]\nnormal = 1  # few\n")
    targets.set({("knee", "mild"): 5, ("chest", "normal"): 5, ("chest", "effusion"): 5})
    assert set(targets.read().values()) == {5} and len(targets.read()) == 3
    assert "# mine" in file.read_text() and "# few" in file.read_text()
    before = file.read_text()
    with pytest.raises(DatasetError):
        targets.set({("chest", "normal"): 6, ("knee", "mild"): MAX_TARGET + 1})
    assert file.read_text() == before
    targets.set({("chest", "normal"): None, ("knee", "mild"): 7, ("hand", "x"): None})
    assert targets.read() == {("chest", "effusion"): 5, ("knee", "mild"): 7}


def test_a_step_is_undone_except_where_the_file_was_edited_since(targets: Targets) -> None:
    edits = TargetEdits(targets)
    labels = [("chest", "normal"), ("chest", "effusion"), ("knee", "mild")]
    targets.set({labels[0]: 1})
    edits.set(labels, 9)
    edits.set(labels, 9)  # changes nothing: not a step
    targets.set({labels[2]: 3})
    assert edits.undo() == "target of 9 for 3 labels"
    assert edits.read() == {labels[0]: 1, labels[2]: 3}
    assert (edits.undo(), edits.redo(), edits.redo()) == ("", "target of 9 for 3 labels", "")
    assert edits.read() == {labels[0]: 9, labels[1]: 9, labels[2]: 3}
    edits.undo()
    edits.set(labels[:1], None)
    assert edits.redo() == ""
    assert edits.undo() == "no target for 1 label"


def test_comments_and_order_are_kept(targets: Targets, file: Path) -> None:
    file.write_text(
        "# mine\n[knee]  # left ones\nsevere = 5 # few\n\n# as in the paper\n[chest]\nnormal = 1"
    )
    targets.set({("knee", "mild"): 7})
    targets.set({("knee", "severe"): 6})
    targets.set({("chest", "edema"): 2})
    targets.set({("chest", "normal"): None})
    targets.set({("hand", "normal"): 3})
    assert file.read_text() == (
        "# mine\n[knee]  # left ones\nsevere = 6 # few\nmild = 7\n\n# as in the paper\n[chest]\n"
        "edema = 2\n\n[hand]\nnormal = 3\n"
    )


@pytest.mark.parametrize(
    "content", ["chest.normal = 4\nknee.a = 1", "chest = {normal = 4}\nknee.a = 1"]
)
def test_any_form_of_toml_can_be_changed(targets: Targets, file: Path, content: str) -> None:
    for label, wanted in (("normal", 9), ("edema", 3), ("normal", None)):
        file.write_text(content)
        targets.set({("chest", label): wanted})
        expected = {("chest", "normal"): 4, ("chest", label): wanted, ("knee", "a"): 1}
        assert targets.read() == {key: value for key, value in expected.items() if value}


@st.composite
def a_file(draw: st.DrawFn) -> str:
    """A file as a user may write it: in sections, with comments anywhere."""
    lines = [draw(COMMENTS)]
    for region in draw(st.lists(REGIONS, unique=True)):
        lines += [f"[{region}]{draw(COMMENTS)}"]
        for label in draw(st.lists(SLUGS, unique=True)):
            lines += [f"{label} = {draw(st.integers(1, 100_000))}{draw(COMMENTS)}"]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=a_file(),
    changes=st.lists(
        st.tuples(REGIONS, SLUGS, st.none() | st.integers(1, 100_000)), min_size=1, max_size=4
    ),
)
def test_a_change_affects_only_its_target(
    targets: Targets, file: Path, content: str, changes: list[tuple[str, str, int | None]]
) -> None:
    file.write_bytes(content.encode())
    expected = targets.read()
    comments = [line[line.index("#") :].rstrip("\r") for line in content.split("\n") if "#" in line]
    kept = {region: list(labels) for region, labels in tomllib.loads(content).items()}
    for region, label, wanted in changes:
        targets.set({(region, label): wanted})
        expected = {key: value for key, value in expected.items() if key != (region, label)}
        expected |= {} if wanted is None else {(region, label): wanted}
        assert targets.read() == expected
    if all(wanted is not None for _, _, wanted in changes):  # a removed line loses its comment
        text = file.read_text()
        assert all(comment in text for comment in comments)
        for region, labels in kept.items():
            assert [label for label in tomllib.loads(text)[region] if label in labels] == labels


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (b"chest = 5", [":1: chest: must be a table of keys and values, not a number"]),
        (
            b"[chest]\na = 'x'\nb = 0\n\n\nc = true\nd = 100_001\ne = 1.0\nf.g = 1",
            [f":{n}: chest.{key}: must be a whole number from 1 to 100,000" for n, key in
             ((2, "a"), (3, "b"), (6, "c"), (7, "d"), (8, "e"), (9, "f"))],
        ),
        (b"[chest]\nNormal = 1", [':2: chest.Normal: "Normal" cannot be a file or folder name']),
        (b'\n["\\u001b"]\na = 1', [':2: ␛: "␛" cannot be a file']),
        (b"[chest]\na = 1\na = 2", [":3: not valid TOML: Cannot overwrite a value"]),
        (b"[chest]\na = ", [":2: not valid TOML: Invalid value; write text in quotes"]),
        (b"a = [[[[[[[[[1]]]]]]]]]", [":1: more than 5 levels of nested brackets"]),
        (b"a = 1\nb = '\xff'", [":2: not UTF-8 text (byte 0xff); save the file as UTF-8"]),
        (b"\xef\xbb\xbf[chest]\nb = 1", [":1: starts with a byte order mark; save it as UTF-8"]),
        (b"#" * 100_001, [": is larger than 100,000 bytes"]),
    ],
)  # fmt: skip
def test_an_invalid_file_is_reported_and_not_changed(
    targets: Targets, file: Path, content: bytes, messages: list[str]
) -> None:
    file.write_bytes(content)
    for use in (targets.read, lambda: targets.set({("chest", "normal"): 5})):
        with pytest.raises(DatasetError) as caught:
            use()
        lines = str(caught.value).split("\n")
        assert len(lines) == len(messages)
        for line, message in zip(lines, messages, strict=True):
            assert line.startswith(f"{file}{message}")
            assert clean(line) == line
    assert file.read_bytes() == content


def test_a_message_has_at_most_twenty_problems(targets: Targets, file: Path) -> None:
    file.write_text("[chest]\n" + "".join(f"a{n} = 0\n" for n in range(500)))
    with pytest.raises(DatasetError) as caught:
        targets.read()
    lines = str(caught.value).split("\n")
    assert len(lines) == 21 and lines[-1] == "… and more"


def test_a_pipe_is_refused(targets: Targets, file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(DatasetError, match="not a plain file"):
        targets.read()


@pytest.mark.parametrize(
    ("text", "wanted"), [("", None), ("  ", None), ("5", 5), (" 1,000 ", 1000), ("100000", 100_000)]
)
def test_typed_targets_are_parsed(text: str, wanted: int | None) -> None:
    assert target_of(text) == wanted


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "x", "100001", "٣", "9" * 5000, "\x1b"])
def test_other_texts_are_not_targets(text: str) -> None:
    with pytest.raises(ValueError, match="whole number from 1 to 100,000"):
        target_of(text)


# ---- shortfalls ----------------------------------------------------------------------------------


def progress(
    accepted: int, rejected: int = 0, left: int = 0, label: str = "normal"
) -> LabelProgress:
    return LabelProgress("chest", label, accepted + rejected + left, accepted, rejected, 0)


def short(**counts: int) -> Shortfall:
    values = {"wanted": 100, "accepted": 0, "rejected": 0, "undecided": 0, "coming": 0}
    return Shortfall("chest", "normal", **values | counts)


def test_only_labels_below_their_target_have_a_shortfall() -> None:
    wanted: dict[Label, int] = {
        ("knee", "severe"): 5,
        ("chest", "normal"): 10,
        ("chest", "edema"): 3,
    }
    found = shortfall(
        [progress(3, 2, 4), progress(3, label="edema"), progress(0, label="nodule")],
        wanted,
        {("chest", "normal"): 7, ("chest", "nodule"): 1},
    )
    assert found == [
        Shortfall("chest", "normal", 10, 3, 2, 4, 7),
        Shortfall("knee", "severe", 5, 0, 0, 0, 0),
    ]
    assert [item.missing for item in found] == [7, 5]
    assert shortfall([], {}) == []


@pytest.mark.parametrize(
    ("counts", "to_queue"),
    [
        ({}, 100),
        ({"undecided": 30}, 70),  # without decisions, all count as accepted
        ({"undecided": 60, "coming": 40}, 0),
        ({"undecided": 500}, 0),
        ({"accepted": 40, "rejected": 44}, 120),  # about every second image
        ({"accepted": 40, "rejected": 44, "undecided": 60}, 60),
        ({"accepted": 40, "rejected": 44, "undecided": 60, "coming": 55}, 5),
        ({"accepted": 99, "rejected": 1}, 2),  # rounded up
        ({"rejected": 1}, 125),  # one decision proves little
        ({"rejected": 10_000}, 1000),
        ({"rejected": 10_000, "coming": 1000}, 0),
        ({"wanted": 100_000}, MOST_AT_ONCE),
    ],
)
def test_the_number_to_queue_follows_the_accepted_share(
    counts: dict[str, int], to_queue: int
) -> None:
    assert short(**counts).to_queue == to_queue


@given(
    accepted=st.integers(0, 99),
    rejected=st.integers(0, 10_000),
    undecided=st.integers(0, 10_000),
    coming=st.integers(0, 10_000),
)
def test_enough_images_are_queued_to_meet_the_target(
    accepted: int, rejected: int, undecided: int, coming: int
) -> None:
    item = short(accepted=accepted, rejected=rejected, undecided=undecided, coming=coming)
    assert 0 <= item.to_queue <= 10 * item.missing
    assert item.to_queue + undecided + coming >= item.missing
