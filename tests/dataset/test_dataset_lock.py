"""One generator at a time: the second is told who the first is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError, DatasetLockedError


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xray_tui.dataset.dataset._LOCK_PATIENCE", 0.05)


HOLD = """
import sys, time
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
with Dataset(Path(sys.argv[1])).generator_lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_is_gone(dataset: Dataset, root: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(root)], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
    start = time.monotonic()
    with pytest.raises(DatasetLockedError) as caught, dataset.generator_lock():
        pass
    assert time.monotonic() - start < 3
    message = str(caught.value)
    assert str(root) in message
    assert f"process {holder.pid} on {socket.gethostname()} (since 20" in message
    assert "wait for it" in message
    Dataset(root).close()  # looking at it is allowed

    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with dataset.generator_lock():
        pass


@pytest.mark.usefixtures("impatient")
def test_threads_and_calls_of_one_dataset_share_it(dataset: Dataset, root: Path) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        with dataset.generator_lock():
            pass
        with pytest.raises(DatasetLockedError), other.generator_lock():
            pass
    with other.generator_lock():
        pass
    other.close()


def test_it_is_free_after_an_error(dataset: Dataset, root: Path) -> None:
    with pytest.raises(ZeroDivisionError), dataset.generator_lock():
        raise ZeroDivisionError
    (root / "metadata.jsonl").mkdir()
    with pytest.raises(DatasetError), dataset.generator_lock():  # mending fails
        pass
    (root / "metadata.jsonl").rmdir()
    with dataset.generator_lock():
        pass


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("side_file", [b"", b"[1]", b'{"pid": 1}', b"\xff"])
def test_a_side_file_that_says_nothing_is_survived(
    dataset: Dataset, root: Path, side_file: bytes
) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        (root / ".xray-tui" / "generator.json").write_bytes(side_file)
        with pytest.raises(DatasetLockedError, match="another process"), other.generator_lock():
            pass
    other.close()


@pytest.mark.usefixtures("impatient")
def test_the_holders_name_cannot_steer_the_terminal(dataset: Dataset, root: Path) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        (root / ".xray-tui" / "generator.json").write_text(
            '{"pid": 1, "host": "\\u001b[31m", "since": "\\u202e"}'
        )
        with pytest.raises(DatasetLockedError) as caught, other.generator_lock():
            pass
    assert str(caught.value).isprintable()
    other.close()
