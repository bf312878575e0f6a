"""Each provoked problem is named with its cure, and is gone after the cure."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.advice import advised
from support.dataset_samples import make_image, make_provenance, make_task
from support.doctor_findings import bad, findings_elsewhere, findings_of
from support.small_disk import mounted

from xray_tui.cli.doctor.machine import clock_at
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.lock_holder import Holder, write

MEGABYTE = 1 << 20


@pytest.fixture
def xrays(tmp_path: Path) -> Path:
    """A dataset with one image."""
    dataset = Dataset(tmp_path / "xrays")
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.close()
    return dataset.root


def all_ok(check: str, folder: Path, **generation: object) -> bool:
    return {one.level for one in findings_of(check, folder, **generation)} == {"ok"}


# -- the disk --------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "ro") as folder:
        (found,) = (one for one in findings_of("disk", folder) if one.level == "problem")
    assert found.what == "this file system is read-only"
    assert found.where == str(folder)
    advised("make it writable or choose another dataset folder", found.cure)
    assert all_ok("disk", tmp_path)


def test_a_full_disk(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=4m") as folder:
        room, written = (one for one in findings_of("disk", folder) if one.level == "problem")
        assert list(folder.iterdir()) == []
    assert "only 4.2 MB are free" in room.what or "only 4 MB are free" in room.what
    advised("make room there, or choose a dataset folder on another disk", room.cure)
    assert (written.what, written.cure) == ("the disk is full", "make room")
    assert all_ok("disk", tmp_path)


def test_a_disk_without_room_for_more_files(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1g,nr_inodes=10") as folder:
        found = [one for one in findings_of("disk", folder) if "more file" in one.what]
    advised("remove files there, or choose a dataset folder on another disk", found[0].cure)


@contextmanager
def limit(what: int, number: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(what)
    resource.setrlimit(what, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (soft, hard))


def test_a_limit_on_file_sizes(tmp_path: Path) -> None:
    with limit(resource.RLIMIT_FSIZE, MEGABYTE):
        found = bad(findings_of("disk", tmp_path))
    assert found.what == "the limit on file sizes is reached (ulimit -f)"
    assert found.cure == "raise it"
    assert list(tmp_path.iterdir()) == []


def test_few_open_files(tmp_path: Path) -> None:
    with limit(resource.RLIMIT_NOFILE, 200):
        (found,) = (one for one in findings_of("memory", tmp_path) if "files" in one.what)
    advised("raise the limit before you start xray-tui", found.cure)
    with limit(resource.RLIMIT_NOFILE, 1024):
        assert all("files" not in one.what for one in findings_of("memory", tmp_path))


def test_a_disk_whose_clock_is_wrong(tmp_path: Path) -> None:
    from xray_tui.cli.doctor.disk import _clocks

    file = tmp_path / "file"
    file.touch()
    now = time.time()
    os.utime(file, (now, now + 3600))
    found = _clocks(file.stat().st_mtime, now, now, tmp_path)
    assert "differ by 3,600 seconds" in found.what
    advised("set both clocks by the network", found.cure)
    assert _clocks(now - 1, now, now, tmp_path).level == "ok"


@pytest.mark.parametrize("year", [1970, 2024, 2100])
def test_a_clock_that_is_wildly_wrong(year: int) -> None:
    found = bad(list(clock_at(datetime(year, 1, 1, tzinfo=UTC))))
    advised("set the clock, for example with: sudo timedatectl set-ntp true", found.cure)
    assert next(clock_at(datetime.now(UTC))).level == "ok"


# -- the dataset -----------------------------------------------------------------------------------


def test_a_dataset_that_another_process_generates_into(xrays: Path) -> None:
    dataset = Dataset(xrays)
    with dataset.generator_lock():
        # another process asks: for this one, the holder is itself
        found = bad(findings_elsewhere("dataset", xrays, {}))
    dataset.close()
    assert f"process {os.getpid()} on" in found.what
    advised("wait for it, or stop it; jobs that you queue meanwhile are run by it", found.cure)
    assert all_ok("dataset", xrays)


def test_a_lock_that_is_held_on_another_host(xrays: Path) -> None:
    write(xrays / layout.HOLDER, Holder("gpu-7", 4711, "2026-01-01T00:00:00+00:00"))
    found = bad(findings_of("dataset", xrays))
    assert found.level == "problem" and "process 4711 on gpu-7" in found.what
    advised("wait for it; if it has ended, take over with --steal-lock", found.cure)
    Dataset(xrays, steal_lock=True).close()
    assert all_ok("dataset", xrays)


def test_a_damaged_catalog(xrays: Path) -> None:
    catalog = xrays / layout.CATALOG
    catalog.write_bytes(b"no database " * 1000)
    before = catalog.read_bytes()
    found = bad(findings_of("dataset", xrays))
    advised("build it again from the images and reviews", found.cure)
    assert f"xray-tui rebuild --dataset {xrays}" in found.cure
    assert catalog.read_bytes() == before


def test_a_catalog_of_a_newer_version(xrays: Path) -> None:
    dataset = Dataset(xrays)
    with dataset._database.transaction() as connection:
        connection.execute("PRAGMA user_version = 99")
    dataset._database.close()
    assert bad(findings_of("dataset", xrays)).cure == "update xray-tui"


def test_a_copy_without_its_hidden_folder(xrays: Path, tmp_path: Path) -> None:
    subprocess.run(f"mkdir copy; cp -r {xrays}/* copy", shell=True, cwd=tmp_path, check=True)
    found = bad(findings_of("dataset", tmp_path / "copy"))
    assert "the hidden folder .xray-tui is missing" in found.what
    assert "xray-tui rebuild" in found.cure


def test_a_dataset_on_a_disk_that_is_not_mounted(tmp_path: Path) -> None:
    (tmp_path / "xrays").symlink_to("/nonexistent/disk")
    found = bad(findings_of("dataset", tmp_path / "xrays"))
    assert "this link leads nowhere" in found.what and "is its disk mounted?" in found.cure


def test_a_file_on_the_way_to_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert findings_of("disk", tmp_path / "file" / "xrays") == []
    found = bad(findings_of("dataset", tmp_path / "file" / "xrays"))
    assert found.what.startswith("a file is where a folder should be")
    advised("choose another dataset folder with --dataset", found.cure)
    assert bad(findings_of("dataset", tmp_path / "file")).what == "is a file, not a folder"


def test_a_current_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert findings_of("disk", Path("xrays")) == []
    found = bad(findings_of("dataset", Path("xrays")))
    assert "the current folder was deleted" in found.what
    monkeypatch.chdir(tmp_path)
    assert all_ok("dataset", Path("xrays"))


def test_nothing_is_created_where_there_is_no_dataset(tmp_path: Path) -> None:
    for check in ("dataset", "disk"):
        assert all_ok(check, tmp_path / "a" / "xrays")
    assert list(tmp_path.iterdir()) == []


# -- the hub ---------------------------------------------------------------------------------------


def test_no_room_for_downloaded_models(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=8m") as folder:
        found = bad(findings_elsewhere("downloads", tmp_path, {"HF_HOME": str(folder)}))
    assert found.level == "problem" and "free for downloaded models" in found.what
    advised("set HF_HOME to a folder on another disk", found.cure)


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    found = bad(findings_elsewhere("downloads", tmp_path, {"HF_HOME": "/proc/none"}))
    advised("set HF_HOME to a folder you can write to", found.cure)


def test_offline_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    found = bad(findings_of("offline", tmp_path))
    assert found.where == "HF_HUB_OFFLINE"
    assert found.cure == "unset HF_HUB_OFFLINE if other programs are to download models"
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    advised(
        "; xray-tui models download works without it", bad(findings_of("offline", tmp_path)).cure
    )
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert findings_of("offline", tmp_path) == []


def test_a_model_that_was_not_downloaded(tmp_path: Path) -> None:
    missing, gated = findings_of("model", tmp_path, model="owner/name")
    assert missing.level == "problem"
    assert missing.cure == "run: xray-tui models download owner/name"
    advised("if its page asks for terms, accept them there", gated.cure)
    assert all_ok("model", tmp_path, model="bundled")


def test_a_token_is_reported_but_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    (found,) = findings_of("token", tmp_path)
    assert found.where == "HF_TOKEN" and "secret" not in str(found)


# -- files and packages ----------------------------------------------------------------------------


def test_a_setting_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('theme = "purple"\n')
    monkeypatch.setenv("XRAY_TUI_CONFIG", str(config))
    found = bad(findings_of("settings", tmp_path))
    assert "config.toml" in found.what and "theme" in found.what
    advised("correct this setting, or remove it", found.cure)
    config.write_text("")
    assert all_ok("settings", tmp_path)


def test_prompts_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prompts.toml").write_text('[[prompts]]\nid = "knee"\nregion = knee\n')
    found = bad(findings_of("prompts", tmp_path))
    assert "prompts.toml:3" in found.what
    advised("correct the file, and check it again with", found.cure)
    Path("prompts.toml").unlink()
    assert all_ok("prompts", tmp_path)


def test_a_package_in_a_version_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "rich-9.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rich\nVersion: 9.0\n")
    with monkeypatch.context() as patched:
        patched.syspath_prepend(tmp_path)
        found = bad(findings_of("packages", tmp_path))
    assert found.level == "problem"
    assert found.what == "rich 9.0 is installed, but xray-tui needs rich>=14"
    advised("install a version that fits: ", found.cure)
    assert found.cure.endswith("-m pip install 'rich>=14'")
    assert all_ok("packages", tmp_path)


def test_a_package_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "xray_tui-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: xray-tui\nVersion: 1.0\nRequires-Python: <3\n"
        'Requires-Dist: no-such-package>=2\nRequires-Dist: pytest>=999; extra == "test"\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = bad(findings_of("packages", tmp_path))
    assert found.what == "no-such-package>=2 is not installed"
    advised("install it: ", found.cure)
    found = bad(findings_of("python", tmp_path))
    assert "xray-tui needs <3" in found.what
    advised("make a new virtual environment with such a Python", found.cure)


# -- torch -----------------------------------------------------------------------------------------


def test_a_device_of_the_settings_that_does_not_exist(tmp_path: Path) -> None:
    found = bad(findings_of("devices", tmp_path, device="cuda:77"))
    assert found.where == "generation.device" and "use device auto or cpu" in found.cure
