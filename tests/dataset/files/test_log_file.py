"""The log file: one line for each entry, rotation, and disks that cannot be written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.tui_samples import HOSTILE

from xray_tui.dataset.files import log_file
from xray_tui.dataset.files.log_file import LogFile

NOON = time.mktime((2026, 1, 2, 12, 0, 0, 0, 0, -1))


def test_each_entry_is_one_safe_line(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "new" / "log.txt")
    log.write("info", "first", NOON)
    log.write("error", HOSTILE + "\nsecond line", NOON)
    log.close()
    first, second = (tmp_path / "new" / "log.txt").read_text(encoding="utf-8").splitlines()
    assert first == "2026-01-02 12:00:00 info    first"
    assert second.isprintable() and "second line" in second
    log.write("info", "after the end", NOON)
    assert log.problem == ""


def test_the_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MAX_BYTES", 200)
    log = LogFile(tmp_path / "log.txt")
    for number in range(50):
        log.write("info", f"line {number}", NOON)
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["log.txt", "log.txt.1", "log.txt.2", "log.txt.3"]
    assert "line 49" in (tmp_path / "log.txt").read_text()


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    log = LogFile(tmp_path / "file" / "log.txt")
    assert "log cannot be written" in log.problem and "file/log.txt" in log.problem
    log.write("info", "x", NOON)
    log.close()


def test_a_full_disk_ends_the_log_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LogFile(tmp_path / "log.txt")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(log._handler, "flush", full)
    log.write("info", "x", NOON)
    assert "No space left" in log.problem
    log.write("info", "y", NOON)
