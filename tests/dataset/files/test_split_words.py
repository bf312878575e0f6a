"""Whatever the names, training code finds one split, with every image in it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.dataset_samples import make_image, make_provenance, make_task
from support.datasets_splits import WORDS, splits

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, metadata
from xray_tui.dataset.opinions import Conclusion
from xray_tui.dataset.records import label_of
from xray_tui.names import FILE_NAME, SPLIT_WORDS, name_in_path, name_problem, without_split_words

_PIECES = st.one_of(st.sampled_from(WORDS), st.from_regex(r"[a-z0-9]{1,4}", fullmatch=True))
_SPLIT_NAMES = st.lists(_PIECES, min_size=1, max_size=5).flatmap(
    lambda parts: st.sampled_from(["", "-", "_", "--", "_0"]).map(lambda join: join.join(parts))
)
NAMES = st.one_of(_SPLIT_NAMES, st.from_regex(FILE_NAME, fullmatch=True)).filter(
    lambda name: not name_problem(name)
)


def path_of(region: str, label: str, prompt_id: str, seed: int = 7) -> str:
    task = make_task(seed, region=region, label=label, prompt_id=prompt_id)
    return layout.image_path(Path("/nowhere"), task).relative_to("/nowhere").as_posix()


def test_the_rules_split_names_as_earlier_versions_wrote_them() -> None:
    files = ["ankle/normal/ankle-neutral_1_ab.png", "ankle/normal/ankle-stress-test_1_ab.png"]
    assert splits([*files, "metadata.jsonl"]) == {"test": {files[1]}}
    assert splits(["a/valid-2/x.png", "a/b/y.png"]) == {"validation": {"a/valid-2/x.png"}}


def test_every_word_that_datasets_knows_is_known() -> None:
    assert set(SPLIT_WORDS) == set(WORDS)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("form", ["{}", "{}-a", "a-{}", "a_{}_b", "2{}3", "{}-{}", "{}_"])
def test_no_form_of_a_split_word_splits_a_dataset(word: str, form: str) -> None:
    name = form.format(word, word)
    files = {
        path_of(name, "normal", "a"),
        path_of("chest", name, "b"),
        path_of("chest", "normal", name),
        path_of("chest", "normal", "a"),
        "metadata.jsonl",
    }
    assert splits(files) == {"train": files}


@given(st.lists(st.tuples(NAMES, NAMES, NAMES, st.integers(0, 2**32 - 1)), min_size=1, max_size=6))
@example([("data", "a-00000-of-00001", "a-00000-of-00001", 0)])
def test_any_names_give_one_split_with_every_row(names: list[tuple[str, str, str, int]]) -> None:
    files = {path_of(*parts) for parts in names} | {"metadata.jsonl", "targets.toml"}
    assert splits(files) == {"train": files}


@given(NAMES, NAMES, NAMES)
def test_paths_can_be_read_back(region: str, label: str, prompt_id: str) -> None:
    file = path_of(region, label, prompt_id)
    assert label_of(file) == label
    assert layout.is_image_name(file)
    assert without_split_words(file) == file
    assert name_in_path(file).startswith(f"{region}/{label}/{prompt_id}_7_")
    assert layout.is_image_name(name_in_path(file))  # as earlier versions named it


@pytest.mark.parametrize("name", ["contest", "testable", "valgus", "device", "trainer", "latest-x"])
def test_other_words_stay_as_they_are(name: str) -> None:
    assert without_split_words(name) == name


def test_images_are_saved_with_their_names_and_labels(dataset: Dataset, root: Path) -> None:
    task = make_task(region="test", label="val-2", prompt_id="ankle-stress-test")
    record = dataset.save(make_image(), task, make_provenance(), "job-1")
    assert record.file == f"test+/val+-2/ankle-stress-test+_7_{task.id[:8]}.png"
    assert (root / record.file).is_file()
    assert (record.label, record.task.region) == ("val-2", "test")
    assert dataset.desk("ann").relabel([record.id], "dev") == 1
    moved = dataset.catalog.record(record.id)
    assert moved is not None
    assert (moved.label, moved.file.split("/")[1]) == ("dev", "dev+")


HAS_DATASETS = importlib.util.find_spec("datasets") is not None
"""Run the slow tests with ``pip install datasets``, or ``PYTHONPATH`` naming a folder with it."""
_LOAD = """
import json, sys
from datasets import load_dataset
for found in load_dataset("imagefolder", data_dir=sys.argv[1]), load_dataset(sys.argv[1]):
    assert list(found) == ["train"], found
    assert found["train"].num_rows == int(sys.argv[2]), found
    assert {"decision", "rating", "tags", "findings"} <= set(found["train"].features)
    assert found["train"].features["findings"].dtype == "string"
accepted = found["train"].filter(lambda decision: decision == "accepted", input_columns="decision")
print(accepted.num_rows)
"""


@pytest.mark.slow
@pytest.mark.skipif(not HAS_DATASETS, reason="datasets is not installed")
def test_the_real_library_loads_every_row(root: Path, tmp_path: Path) -> None:
    dataset = Dataset(root)
    names = [name for word in WORDS for name in (word, f"a-{word}", f"{word}_1")]
    records = [
        dataset.save(make_image(), task, make_provenance(), "job-1")
        for name in names
        for task in (
            make_task(1, region=name),
            make_task(2, label=name, findings=()),
            make_task(3, prompt_id=name),
        )
    ]
    dataset.desk("ann").set_decision([record.id for record in records[:5]], "accepted")
    dataset.close()
    assert accepted_images(root, len(records), tmp_path) == 5


@pytest.mark.slow
@pytest.mark.skipif(not HAS_DATASETS, reason="datasets is not installed")
def test_the_real_library_loads_findings_after_many_images_without(
    root: Path, tmp_path: Path
) -> None:
    """The library infers the types of the columns from the first 10 MB."""
    dataset = Dataset(root)
    saved = dataset.save(make_image(), make_task(region="x", findings=()), make_provenance(), "")
    chest = make_task(findings=("Pneumonia",))
    linked = [replace(saved, file=f"x/normal/knee_{number}_0.png") for number in range(24_000)]
    linked.append(replace(saved, file="x/normal/chest_0_0.png", task=chest))
    for record in linked:
        (root / record.file).hardlink_to(root / saved.file)
    (root / saved.file).unlink()
    undecided, accepted = Conclusion(), Conclusion("accepted", 3, ("grid-noise",))
    metadata.rewrite(
        root / "metadata.jsonl",
        [*((record, undecided) for record in linked[:-1]), (linked[-1], accepted)],
    )
    assert (root / "metadata.jsonl").stat().st_size > 10 << 20
    assert accepted_images(root, len(linked), tmp_path) == 1
    dataset.close()


def accepted_images(root: Path, count: int, cache: Path) -> int:
    """Load the dataset with the real library, and check that it has ``count`` images."""
    loaded = subprocess.run(
        [sys.executable, "-c", _LOAD, str(root), str(count)],
        env={"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    return int(loaded.stdout)
