"""Each write call of a save fails in turn; a second try loses and duplicates nothing."""

from __future__ import annotations

import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import assert_in_step, make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetDeniedError, DatasetError, DatasetFullError

SQLITE_CODES = {
    errno.ENOSPC: sqlite3.SQLITE_FULL,
    errno.EFBIG: sqlite3.SQLITE_IOERR_WRITE,
    errno.EROFS: sqlite3.SQLITE_READONLY,
    errno.EACCES: sqlite3.SQLITE_CANTOPEN,
    errno.EIO: sqlite3.SQLITE_IOERR_FSYNC,
}


class Faults:
    """Makes call number ``fails_at`` fail, and with ``persists`` all calls after it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails_at = -1
        self.persists = False
        self.number = errno.ENOSPC
        self.raised = False

    def arm(self, fails_at: int, number: int, persists: bool) -> None:
        self.calls = []
        self.fails_at, self.number, self.persists = fails_at, number, persists
        self.raised = False

    def call(self, name: str) -> None:
        """Count a call; raises OSError if this call must fail."""
        here = len(self.calls)
        self.calls.append(name)
        if here == self.fails_at or (self.persists and self.fails_at >= 0 and here > self.fails_at):
            self.raised = True
            raise OSError(self.number, os.strerror(self.number))


class FaultyFile:
    """A file opened for writing, with injected faults."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def __enter__(self) -> FaultyFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])  # a full disk writes a part
        self._faults.call("write")
        return self._file.write(data[len(data) // 2 :])

    def writelines(self, blocks: Any) -> None:
        for block in blocks:
            self.write(block)

    def flush(self) -> None:
        self._file.flush()
        self._faults.call("flush")


class FaultyConnection:
    """A connection to the catalog, with faults as SQLite reports them."""

    def __init__(self, connection: sqlite3.Connection, faults: Faults) -> None:
        self._connection = connection
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        word = sql.split(maxsplit=1)[0]
        if word in ("BEGIN", "INSERT", "UPDATE", "COMMIT"):
            self._call(word)
        cursor = self._connection.execute(sql, values)
        if word == "COMMIT":
            self._call("after COMMIT")
        return cursor

    def _call(self, name: str) -> None:
        try:
            self._faults.call(name)
        except OSError as error:
            problem = sqlite3.OperationalError(str(error))
            problem.sqlite_errorcode = SQLITE_CODES[self._faults.number]
            raise problem from None


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch, dataset: Dataset) -> Iterator[Faults]:
    faults = Faults()

    def faulty(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            faults.call(name)
            return real(*args, **kwargs)

        return call

    real_open = io.open

    def faulty_open(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode == "rb":
            return real_open(file, mode, *args, **kwargs)
        faults.call("open")
        return FaultyFile(real_open(file, mode, *args, **kwargs), faults)

    with dataset.generator_lock():  # as the engine holds it
        for name in ("fsync", "open", "mkdir", "link", "unlink", "replace"):
            monkeypatch.setattr(os, name, faulty(name))
        monkeypatch.setattr(io, "open", faulty_open)
        database = dataset._database
        monkeypatch.setattr(database, "_connection", FaultyConnection(database._connection, faults))
        yield faults
        monkeypatch.undo()


NEW = ["open", "write", "flush", "fsync", "link", "open", "fsync", "unlink"]
LOCK = ["open"]
STORE = ["BEGIN", "INSERT", "UPDATE", "INSERT", "COMMIT", "after COMMIT"]
APPEND = ["open", "write", "flush", "fsync"]
SAVE = LOCK + NEW + LOCK + STORE + APPEND


@pytest.mark.parametrize("number", list(SQLITE_CODES), ids=errno.errorcode.get)
@pytest.mark.parametrize("persists", [False, True], ids=["once", "persists"])
def test_each_write_call_fails_in_turn(
    dataset: Dataset, root: Path, faults: Faults, number: int, persists: bool
) -> None:
    expected = {
        errno.EIO: DatasetError,
        errno.EACCES: DatasetDeniedError,
    }.get(number, DatasetFullError)
    dataset.save(make_image(), make_task(100), make_provenance(), "job-1")
    faults.arm(-1, number, persists)
    dataset.save(make_image(), make_task(101), make_provenance(), "job-1")
    calls = list(faults.calls)
    assert calls == SAVE
    for turn, call in enumerate(calls):
        task = make_task(turn)
        faults.arm(turn, number, persists)
        if call == "unlink" and not persists:  # the temporary file stays, which does no harm
            dataset.save(make_image(turn), task, make_provenance(), "job-1")
        else:
            with pytest.raises(DatasetError) as caught:
                dataset.save(make_image(turn), task, make_provenance(), "job-1")
            if call not in STORE:
                assert isinstance(caught.value, expected)
            elif number != errno.EROFS:
                assert isinstance(caught.value, DatasetFullError)
            assert str(root) in str(caught.value)
        assert faults.raised
        faults.arm(-1, number, persists)
        record = dataset.save(make_image(turn), task, make_provenance(), "job-1")
        assert dataset.catalog.record_of(task.id) == record
        assert dataset.existing([task]) == {task.id}
    assert dataset.catalog.record_count() == len(calls) + 2
    rows = (root / "metadata.jsonl").read_text().splitlines()
    assert len(rows) == len(set(rows)) == len(calls) + 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_each_write_call_of_a_replacement_fails_in_turn(
    dataset: Dataset, root: Path, faults: Faults, number: int
) -> None:
    """Saving a task's image again replaces it; the old or the new image exists at any time."""
    task = make_task()
    first = dataset.save(make_image(1), task, make_provenance(), "job-1")
    dataset.desk("ann").set_decision([first.id], "accepted")
    faults.arm(-1, number, True)
    dataset.save(make_image(2), task, make_provenance(model="a"), "job-1")
    calls = list(faults.calls)
    for turn, call in enumerate(calls):
        made = make_provenance(model=f"model-{turn}")
        faults.arm(turn, number, True)
        harmless = call == "unlink" and "fsync" not in calls[turn:]
        with nullcontext() if harmless else pytest.raises(DatasetError):
            dataset.save(make_image(turn), task, made, "job-1")
        faults.arm(-1, number, True)
        record = dataset.save(make_image(turn), task, made, "job-1")
        assert (record.id, record.provenance) == (first.id, made)
    (review,) = dataset.catalog.reviews(first.id)
    assert review.opinion.decision == "accepted"
    assert len((root / "metadata.jsonl").read_text().splitlines()) == 1


def test_the_next_opening_repairs_the_dataset_after_any_failure(root: Path) -> None:
    """The dataset is opened again instead of repeating the save, as after a crash."""
    calls = len(SAVE)
    for turn in range(calls):
        dataset = Dataset(root)
        with pytest.MonkeyPatch.context() as patch:
            injected = faults.__wrapped__(patch, dataset)  # type: ignore[attr-defined]
            injecting = next(injected)
            injecting.arm(turn, errno.ENOSPC, True)
            with pytest.raises(DatasetError):
                dataset.save(make_image(), make_task(turn), make_provenance(), "job-1")
            next(injected, None)
        dataset.close()
    found = assert_in_step(root)
    assert len(found) == calls - SAVE.index("link") - 1  # every save whose image had its final name
