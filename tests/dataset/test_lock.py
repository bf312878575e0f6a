"""One generator at a time: a second one is refused, and the error names the holder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset import lock_holder as holder
from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError, DatasetLockedError


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xray_tui.dataset.lock.TIMEOUT", 0.05)


HOLD = """
import sys, time
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
with Dataset(Path(sys.argv[1])).generator_lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_ends(dataset: Dataset, root: Path) -> None:
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
    Dataset(root).close()  # viewing is allowed

    os.kill(holder.pid, signal.SIGKILL)
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # a zombie: not reaped by its parent
    with dataset.generator_lock():
        pass
    holder.wait()
    holder.stdout.close()


@pytest.mark.usefixtures("short_wait")
def test_threads_and_nested_calls_of_one_dataset_share_the_lock(
    dataset: Dataset, root: Path
) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        with dataset.generator_lock():
            pass
        with pytest.raises(DatasetLockedError), other.generator_lock():
            pass
    with other.generator_lock():
        pass
    other.close()


def test_the_lock_is_released_after_an_error(dataset: Dataset, root: Path) -> None:
    with pytest.raises(ZeroDivisionError), dataset.generator_lock():
        raise ZeroDivisionError
    (root / "metadata.jsonl").mkdir()
    with pytest.raises(DatasetError), dataset.generator_lock():  # the repair fails
        pass
    (root / "metadata.jsonl").rmdir()
    with dataset.generator_lock():
        pass


@pytest.mark.usefixtures("short_wait")
@pytest.mark.parametrize("holder_file", [b"", b"[1]", b'{"pid": 1}', b"\xff"])
def test_an_invalid_holder_file_is_ignored(
    dataset: Dataset, root: Path, holder_file: bytes
) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        (root / ".xray-tui" / "generator.json").write_bytes(holder_file)
        with pytest.raises(DatasetLockedError, match="another process"), other.generator_lock():
            pass
    other.close()


@pytest.mark.usefixtures("short_wait")
def test_control_characters_in_the_holders_name_are_shown_as_text(
    dataset: Dataset, root: Path
) -> None:
    other = Dataset(root)
    with dataset.generator_lock():
        (root / ".xray-tui" / "generator.json").write_text(
            '{"pid": 1, "host": "\\u001b[31m", "since": "\\u202e", "started": 0}'
        )
        with pytest.raises(DatasetLockedError) as caught, other.generator_lock():
            pass
    assert "process 1 on ␛[31m (since ‹U+202E›)" in str(caught.value)
    assert str(caught.value).isprintable()
    other.close()


# ---- holders that died, or are on another host ---------------------------------------------------


def name_holder(root: Path, **changes: object) -> None:
    """Write the holder file that a process on another host, or a dead process, leaves behind."""
    holder = {
        "host": "far-away",
        "pid": 4711,
        "since": "2026-01-01T00:00:00+00:00",
        "started": 1e9,
    }
    (root / ".xray-tui" / "generator.json").write_text(json.dumps(holder | changes))


def test_a_holder_on_another_host_counts_as_alive(dataset: Dataset, root: Path) -> None:
    name_holder(root)
    with (
        pytest.raises(DatasetLockedError, match=r"4711 on far-away \(since 2026.*--steal-lock"),
        dataset.generator_lock(),
    ):
        pass
    viewer = Dataset(root)  # viewing is allowed
    assert viewer.mended is None
    holder = viewer.lock_holder()
    assert holder is not None
    assert (holder.host, holder.pid, holder.since) == (
        "far-away",
        4711,
        "2026-01-01T00:00:00+00:00",
    )
    viewer.close()


def test_the_lock_is_taken_over_when_the_user_says_so(root: Path) -> None:
    Dataset(root).close()
    name_holder(root)
    owner = Dataset(root, steal_lock=True)
    assert owner.mended is not None
    assert owner.lock_holder() is None
    with owner.generator_lock():
        assert holder.read(root / ".xray-tui" / "generator.json") == owner._lock._own_entry
    assert not (root / ".xray-tui" / "generator.json").exists()
    name_holder(root)  # the other host took the lock back: one takeover does not last
    with pytest.raises(DatasetLockedError), owner.generator_lock():
        pass
    owner.close()


def test_a_process_that_lost_the_lock_saves_nothing_more(dataset: Dataset, root: Path) -> None:
    with dataset.generator_lock():
        name_holder(root)
        with pytest.raises(
            DatasetLockedError, match=r"4711 on far-away .*has taken over this dataset"
        ):
            dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert (root / ".xray-tui" / "generator.json").exists()  # the new holder's
    assert not list(root.glob("*/*/*.png"))


@pytest.mark.parametrize("recycled", [False, True])
def test_a_dead_holder_on_this_host_is_taken_over(
    dataset: Dataset, root: Path, recycled: bool
) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    pid = os.getpid() if recycled else dead.pid
    (root / "chest" / "normal").mkdir(parents=True)
    left = root / "chest" / "normal" / ".xray-tui-1-abcd.tmp"
    left.touch()
    name_holder(root, host=socket.gethostname(), pid=pid, started=1e9)
    assert dataset.lock_holder() is None
    with dataset.generator_lock():
        assert not left.exists()  # repaired, because the last holder died
    left.touch()
    with dataset.generator_lock():
        assert left.exists()  # no holder died, so not everything is checked again
    left.unlink()


def test_a_live_process_named_as_holder_counts_even_without_the_kernel_lock(
    dataset: Dataset, root: Path
) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(sleeper.pid).create_time()
    name_holder(root, host=socket.gethostname(), pid=sleeper.pid, started=started)
    with pytest.raises(DatasetLockedError, match="--steal-lock"), dataset.generator_lock():
        pass
    sleeper.communicate()
    with dataset.generator_lock():
        pass


def test_viewers_see_the_holder(dataset: Dataset, root: Path) -> None:
    viewer = Dataset(root)
    assert viewer.lock_holder() is None
    with dataset.generator_lock():
        seen = viewer.lock_holder()
        assert seen is not None
        assert (seen.pid, seen.host) == (os.getpid(), socket.gethostname())
        assert dataset.lock_holder() is None
    assert viewer.lock_holder() is None
    viewer.close()
