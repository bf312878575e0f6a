"""Paths of images: safe names, and nothing is written outside the dataset."""

from pathlib import Path

import pytest
from support.dataset_samples import NASTY, make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import (
    check_rebuildable,
    check_root,
    image_path,
    make_root,
)
from xray_tui.errors import DatasetError

UNSAFE = [
    "",
    ".",
    "..",
    "../x",
    "a/b",
    "/etc",
    "-rf",
    "_x",
    "A",
    "é",
    "e\u0301",
    "a\x1b[31m",
    "a\x00",
    "a\n",
    "\u202eb",
    "a b",
    "con",
    "nul",
    "com1",
    "a" * 65,
    ".xray-tui",
    "a.b",
    NASTY,
]


@pytest.mark.parametrize("field", ["region", "label", "prompt_id"])
@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names_are_refused(tmp_path: Path, field: str, name: str) -> None:
    with pytest.raises(DatasetError, match=r"cannot be a file|is a device name") as caught:
        image_path(tmp_path, make_task(**{field: name}))
    assert str(caught.value).isprintable()
    assert not list(tmp_path.iterdir())


def test_the_path_is_built_from_region_label_prompt_seed_and_task_id() -> None:
    task = make_task(4294967295)
    expected = f"chest/normal/chest-normal_4294967295_{task.id[:8]}.png"
    assert image_path(Path("/d"), task) == Path("/d") / expected


def test_the_longest_names_fit(dataset: Dataset) -> None:
    long = "a" * 64
    task = make_task(2**32 - 1, region=long, label=long, prompt_id=long)
    record = dataset.save(make_image(), task, make_provenance(), "job-1")
    assert dataset.path_of(record).is_file()


@pytest.mark.parametrize("linked", ["chest", "chest/normal"])
def test_a_symbolic_link_on_the_path_is_refused(
    dataset: Dataset, root: Path, tmp_path: Path, linked: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / linked).parent.mkdir(exist_ok=True)
    (root / linked).symlink_to(outside)
    with pytest.raises(DatasetError, match="symbolic link"):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    (root / linked).unlink()
    (root / linked).symlink_to("/no/such/place")
    with pytest.raises(DatasetError, match="symbolic link"):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert not list(outside.iterdir())
    assert not dataset.catalog.records()


def test_an_image_path_that_is_a_link_is_not_followed(
    dataset: Dataset, root: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    path = image_path(root, make_task())
    path.parent.mkdir(parents=True)
    path.symlink_to(victim)
    with pytest.raises(DatasetError, match="not a plain file"):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert victim.read_bytes() == b"precious"


def test_the_dataset_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    dataset = Dataset(tmp_path / "link")
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert len(list((tmp_path / "real").glob("*/*/*.png"))) == 1
    dataset.close()


@pytest.mark.parametrize("where", ["xrays", "xrays/below"])
def test_a_link_that_leads_nowhere_is_named_with_its_target(tmp_path: Path, where: str) -> None:
    (tmp_path / "xrays").symlink_to("/mnt/not-mounted")
    for use in (make_root, check_root, check_rebuildable):
        with pytest.raises(DatasetError, match="this link leads nowhere, as there is no /mnt/not"):
            use(tmp_path / where)


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "xrays").symlink_to("disk")
    make_root(tmp_path / "xrays")
    assert check_root(tmp_path / "xrays") == tmp_path / "xrays"


def test_a_relative_dataset_in_a_deleted_folder_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here").rmdir()
    for use in (Dataset, check_root, check_rebuildable):
        with pytest.raises(DatasetError, match="the current folder was deleted; change to another"):
            use(Path("xrays"))
