"""``xray-tui review --filter``: the review begins with the images of a filter."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.cli.launch import launch_review
from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import ParameterError
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.session.memory import Memory


async def test_the_review_begins_with_a_filter_and_remembers_the_last_one(tmp_path: Path) -> None:
    with closing(Dataset(tmp_path)) as dataset:
        for seed in (1, 2, 3):
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
        memory = Memory(tmp_path)
        memory.remember_filter("seed:1,2")
        app = ReviewApp(Settings(), dataset.desk("ann"), memory, "seed:3")
        async with app.run_test() as pilot:
            await pilot.pause()
            screen = app.screen
            assert isinstance(screen, ReviewScreen)
            assert screen.query_line.text == screen.images.filter_text == "seed:3"
            screen.remember()
        assert memory.filter == "seed:1,2"


def test_a_filter_that_is_wrong_is_refused_before_the_review_opens(tmp_path: Path) -> None:
    Dataset(tmp_path).close()
    with pytest.raises(ParameterError, match='--filter "ratin>=3": character 1: '):
        launch_review(Settings(dataset=tmp_path), "ratin>=3")
