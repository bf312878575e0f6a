"""Problems with folders and disks give one DatasetError that says where and what to do."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from PIL import Image
from support.dataset_samples import make_image, make_provenance, make_task, temporaries

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.atomic import explained
from xray_tui.errors import DatasetDeniedError, DatasetError, DatasetFullError


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limit files to ``size`` bytes; Python ignores the signal."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_parent_folders_are_created(tmp_path: Path) -> None:
    Dataset(tmp_path / "a" / "b" / "c").close()
    assert (tmp_path / "a" / "b" / "c" / ".xray-tui" / "catalog.sqlite").is_file()


def test_a_relative_path_does_not_follow_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dataset = Dataset(Path("here"))
    monkeypatch.chdir("/")
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.close()
    assert len(list((tmp_path / "here").glob("*/*/*.png"))) == 1


@pytest.mark.parametrize("where", ["file", "file/below", "with\0nul", "/proc/xrays", "x" * 300])
def test_impossible_folders_are_refused(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError) as caught:
        Dataset(tmp_path / where)
    assert where.replace("\0", "␀").split("/")[0] in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_in_place_of_the_private_folder(root: Path) -> None:
    root.mkdir()
    (root / ".xray-tui").touch()
    with pytest.raises(DatasetError, match="a file is where a folder should be"):
        Dataset(root)


@pytest.mark.parametrize("name", ["chest", "chest/normal"])
def test_a_file_in_place_of_an_image_folder(dataset: Dataset, root: Path, name: str) -> None:
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).touch()
    with pytest.raises(DatasetError, match=f"{root / name}.*a file is where a folder should be"):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (64, 72)), Image.new("I;16", (64, 72)), Image.new("L", (72, 64))]
)
def test_only_greyscale_images_of_the_tasks_size_are_saved(
    dataset: Dataset, image: Image.Image
) -> None:
    with pytest.raises(DatasetError, match="needs an 8-bit greyscale image"):
        dataset.save(image, make_task(), make_provenance(), "job-1")


def test_a_limit_on_file_sizes_leaves_no_partial_file(dataset: Dataset, root: Path) -> None:
    noise = Image.frombytes("L", (64, 72), os.urandom(64 * 72))
    with file_size_limit(3000), pytest.raises(DatasetFullError, match="limit on file sizes"):
        dataset.save(noise, make_task(), make_provenance(), "job-1")
    assert not temporaries(root)
    assert not list(root.glob("*/*/*.png"))
    assert not dataset.catalog.records()
    dataset.save(noise, make_task(), make_provenance(), "job-1")


def test_an_image_saved_without_a_record_is_adopted_later(dataset: Dataset, root: Path) -> None:
    """The limit on file sizes leaves room for the image, but not for the catalog."""
    with dataset.generator_lock():
        with file_size_limit(8192), pytest.raises(DatasetFullError, match=r"catalog\.sqlite.*disk"):
            dataset.save(make_image(), make_task(), make_provenance(), "job-1")
        assert not dataset.catalog.records()
        assert not dataset.existing([make_task()])
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert len((root / "metadata.jsonl").read_text().splitlines()) == 1


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on its own file system of 4 MB."""
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(tmp_path)],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def test_a_read_only_file_system_is_not_reported_as_missing_permission(own_disk: Path) -> None:
    Dataset(own_disk / "D").close()
    subprocess.run(["mount", "-o", "remount,ro", str(own_disk)], check=True)
    dataset = Dataset(own_disk / "D")
    with pytest.raises(DatasetFullError, match="this file system is read-only") as caught:
        dataset.queue.set_paused(True)
    assert not isinstance(caught.value, DatasetDeniedError)
    dataset.close()


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("", "xrays: the dataset folder was deleted or moved away"),
        (".xray-tui", "catalog.sqlite: the catalog was deleted or moved away"),
        (".xray-tui/catalog.sqlite", "catalog.sqlite: the catalog was deleted or moved away"),
    ],
)
def test_a_deleted_dataset_is_an_error_at_once(
    dataset: Dataset, root: Path, part: str, says: str
) -> None:
    dataset.queue.set_paused(True)
    (root / part).rename(root.with_name("elsewhere"))
    calls: list[Callable[[], object]] = [
        lambda: dataset.save(make_image(), make_task(), make_provenance(), "job-1"),
        lambda: dataset.queue.set_paused(False),
    ]
    for call in calls:
        with pytest.raises(DatasetError, match=says) as caught:
            call()
        assert not isinstance(caught.value, DatasetFullError)
    assert not (root / part).exists()  # nothing was created again
    assert not list(root.glob("*/*/*.png"))


def test_a_review_in_a_folder_that_was_moved_says_so_and_works_again(
    dataset: Dataset, root: Path
) -> None:
    record = dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    desk = dataset.desk("anna")
    root.rename(root.with_name("elsewhere"))
    calls: list[Callable[[], object]] = [
        lambda: desk.set_decision([record.id], "accepted"),
        lambda: desk.set_rating([record.id], 3),
    ]
    for call in calls:
        with pytest.raises(DatasetError, match="the dataset folder was deleted or moved away"):
            call()
    root.with_name("elsewhere").rename(root)
    desk.set_decision([record.id], "accepted")
    assert [review.reviewer for review in dataset.catalog.reviews(record.id)] == ["anna"]


def test_a_catalog_replaced_while_open_is_not_written(dataset: Dataset, root: Path) -> None:
    dataset.queue.set_paused(True)
    (root / ".xray-tui" / "catalog.sqlite").rename(root / "elsewhere")
    Dataset(root).close()
    with pytest.raises(DatasetError, match="the catalog was deleted or moved away"):
        dataset.queue.set_paused(False)


def test_free_bytes_is_the_space_on_the_disk(dataset: Dataset) -> None:
    assert dataset.free_bytes() > 0


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DatasetFullError),
        (errno.EDQUOT, DatasetFullError),
        (errno.EROFS, DatasetFullError),
        (errno.EACCES, DatasetDeniedError),
        (errno.EPERM, DatasetDeniedError),
    ],
)
def test_temporary_and_permission_problems_have_their_own_errors(
    number: int, kind: type[DatasetError]
) -> None:
    assert issubclass(DatasetDeniedError, DatasetFullError)
    with pytest.raises(kind), explained(Path("/x")):
        raise OSError(number, "no")
    with pytest.raises(DatasetError) as caught, explained(Path("/x")):
        raise OSError(errno.EIO, "no")
    assert not isinstance(caught.value, DatasetFullError)


@pytest.mark.parametrize("name", ["metadata.jsonl", ".xray-tui/reviews.jsonl"])
def test_a_full_disk_while_appending_is_reported(dataset: Dataset, root: Path, name: str) -> None:
    """Writing to /dev/full fails as on a full disk."""
    record = dataset.save(make_image(), make_task(1), make_provenance(), "job-1")
    with dataset.generator_lock():
        (root / name).unlink(missing_ok=True)
        (root / name).symlink_to("/dev/full")
        with pytest.raises(DatasetError, match=f"{name}: the disk is full; make room"):
            dataset.save(make_image(), make_task(2), make_provenance(), "job-1")
            dataset.desk().set_decision([record.id], "accepted")
        (root / name).unlink()


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "the disk is full; make room"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "the disk reports an error"),
        (errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG)),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "link"])
def test_system_errors_while_saving_leave_no_partial_file(
    dataset: Dataset,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    says: str,
    call: str,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with dataset.generator_lock():
        monkeypatch.setattr(os, call, refuse)
        with pytest.raises(DatasetError, match=says) as caught:
            dataset.save(make_image(), make_task(), make_provenance(), "job-1")
        monkeypatch.undo()
        assert str(root) in str(caught.value)
        assert not temporaries(root)
        assert not list(root.glob("*/*/*.png"))
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")


def open_as_nobody(root: Path, answer: Connection) -> None:
    os.setgid(65534)
    os.setuid(65534)
    try:
        Dataset(root)
    except DatasetError as error:
        answer.send(str(error))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("exists", [False, True])
def test_a_folder_of_another_user_is_reported_as_missing_permission(exists: bool) -> None:
    fork = multiprocessing.get_context("fork")  # the user nobody cannot read root's Python
    receiver, sender = fork.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder:  # tmp_path is closed to other users
        Path(folder).chmod(0o755)
        root = Path(folder) / "xrays"
        if exists:
            Dataset(root).close()
        child = fork.Process(target=open_as_nobody, args=(root, sender))
        child.start()
        child.join()
        assert receiver.poll()
        message = receiver.recv()
    assert str(root) in message and "permission" in message


def test_importing_the_dataset_loads_no_heavy_library() -> None:
    code = (
        "import sys, xray_tui.dataset.dataset\n"
        "print([m for m in ('PIL', 'filelock', 'numpy', 'torch', 'textual') if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert output.stdout.strip() == "[]"
