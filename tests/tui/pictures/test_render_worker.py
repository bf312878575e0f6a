"""The thread that draws pictures: which request it serves next, and which drawings are kept."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from support.preview_samples import HALF_CELLS, gradient

from xray_tui.tui.pictures import render_worker
from xray_tui.tui.pictures.render_worker import RenderWorker, Request
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.sources import FilePicture, LivePicture
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.pictures.view import View

CELL = CellSize(10, 20)


class Worker(RenderWorker):
    """Runs in its own threads and records its results."""

    def __init__(self) -> None:
        self.results: list[tuple[Request, object]] = []
        self.threads: list[threading.Thread] = []
        super().__init__(self._begin, lambda *result: self.results.append(result))

    def _begin(self) -> None:
        self.threads.append(threading.Thread(target=self.work))
        self.threads[-1].start()

    def finish(self) -> None:
        for thread in self.threads:
            thread.join(10)


def a_request(source: FilePicture | LivePicture, columns: int = 20) -> Request:
    return Request(source, columns, 10, View(), HALF_CELLS, CELL)


def a_frame(level: int) -> LivePicture:
    return LivePicture(2, 2, bytes([level] * 4))


def test_intermediate_frames_may_be_skipped_but_the_last_frame_is_drawn() -> None:
    worker = Worker()
    for level in range(200):
        worker.request(a_request(a_frame(level)))
    worker.finish()
    assert 1 <= len(worker.results) <= 200
    last = worker.results[-1][0].source
    assert isinstance(last, LivePicture) and last.pixels[0] == 199


def test_drawings_of_files_are_cached_and_neighbours_are_drawn_ahead(tmp_path: Path) -> None:
    for name in "ab":
        gradient().save(tmp_path / f"{name}.png")
    one, two = (a_request(FilePicture(tmp_path / f"{name}.png")) for name in "ab")
    worker = Worker()
    worker.request(one)
    worker.prepare(two)
    worker.finish()
    (tmp_path / "b.png").unlink()
    worker.request(two)
    worker.finish()
    worker.request(one)
    worker.finish()
    assert [request for request, _ in worker.results] == [one, two, one]
    assert worker.results[0][1] is worker.results[2][1]
    assert not isinstance(worker.results[1][1], str)


def test_a_picture_that_cannot_be_drawn_becomes_a_message(tmp_path: Path) -> None:
    worker = Worker()
    worker.request(a_request(FilePicture(tmp_path / "none.png")))
    worker.finish()
    worker.request(a_request(LivePicture(9, 9, b"short")))
    worker.finish()
    assert "gone" in str(worker.results[0][1])
    assert "cannot be shown" in str(worker.results[1][1])


def test_live_pictures_are_limited_on_a_slow_line_but_delay_no_other_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render_worker, "BYTES_PER_SECOND", 10)  # a frame takes minutes
    gradient().save(tmp_path / "a.png")
    wanted = a_request(FilePicture(tmp_path / "a.png"))
    worker = Worker()
    frame = Request(a_frame(1), 20, 10, View(), renderer_named("sixel"), CELL)
    worker.request(frame)
    while not worker.results:
        time.sleep(0.01)
    worker.request(Request(a_frame(2), 20, 10, View(), renderer_named("sixel"), CELL))
    time.sleep(0.1)
    assert [request for request, _ in worker.results] == [frame]
    worker.request(wanted)
    worker.finish()
    assert [request for request, _ in worker.results] == [frame, wanted]
