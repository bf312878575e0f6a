"""Hints of the review: the keys that they name do what they promise."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from support.advice import advised
from support.dataset_samples import make_image, make_provenance, make_task
from support.review_fixtures import images, root
from support.review_pilot import ReviewPilot, open_review

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.tui.dialogs.question import QuestionScreen

__all__ = ["images", "root"]
IMAGES = 4


async def toast(anna: ReviewPilot) -> str:
    await anna.until(lambda: anna.toasts)
    return anna.toasts


async def test_hints_of_the_gallery(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.shows("press /")
        advised("none · press / (e.g. rating>=3 -tag:grid*)", anna.text)
        await anna.press("slash", "rating>=3 -tag:grid*", "enter")
        await anna.until(lambda: not anna.screen.images.ids)
        await anna.press("slash", "ctrl+u", "enter")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)

        await anna.press("X")
        advised("Press D to search for duplicates first", await toast(anna))
        await anna.press("D")
        await anna.until(lambda: "duplicates" in anna.toasts.rpartition("first")[2])

        await anna.press("slash", "seed:0", "enter")
        await anna.until(lambda: len(anna.screen.images.ids) == 1)
        await anna.press("c")
        await anna.until(lambda: "Nothing to compare with" in anna.toasts)
        advised("mark two to four images with ", anna.toasts)
        (key,) = re.findall(r"mark two to four images with (\w+)", anna.toasts)
        await anna.press("slash", "ctrl+u", "enter")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)
        await anna.press("G", "c")
        await anna.until(lambda: "this is the last image; mark two" in anna.toasts)
        await anna.press("home", key, key, "c")
        await anna.until(lambda: anna.screen.views.current == "compare")

        await anna.press("escape", "delete")
        await anna.until(lambda: "No rejected images" in anna.toasts)
        advised("No rejected images. Press x to reject one.", anna.toasts)
        await anna.press("x", "delete")
        await anna.until(lambda: isinstance(anna.app.screen, QuestionScreen))


async def test_hints_of_the_dialogs(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("T")
        await anna.shows("Choose a reason")
        advised("Choose a reason, or type a tag of your own.", anna.text)
        await anna.press("mine", "enter")
        await anna.until(lambda: anna.opinions()[1].tags == ("mine",))

        await anna.press("N", "first", "enter")
        await anna.until(lambda: anna.opinions()[1].note == "first")
        await anna.press("V", "N", "enter")
        await anna.shows("press esc to keep their")
        advised("type a note for all images, or press esc to keep their", anna.text)
        await anna.press("escape")
        assert anna.opinions()[1].note == "first"
        await anna.press("N", "all", "enter")
        await anna.until(lambda: anna.opinions()[4].note == "all")
        await anna.press("V")

        await anna.press("R")
        await anna.shows("Choose or type a label")
        advised("Choose or type a label. Files move to ", anna.text)
        await anna.press("fracture", "enter")
        await anna.until(lambda: "Moved to chest/fracture" in anna.toasts)


async def test_images_of_one_region_are_marked_before_they_get_a_label(root: Path) -> None:
    dataset = Dataset(root)
    dataset.save(make_image(), make_task(9, region="knee"), make_provenance(), "job-1")
    dataset.close()
    async with open_review(root) as anna:
        await anna.press("V", "R")
        await anna.until(lambda: "several regions" in anna.toasts)
        advised("belong to several regions. Mark images of one region.", anna.toasts)
        await anna.press("V", "space", "space", "R")
        await anna.shows("Relabel: 2 images")


async def test_hints_of_the_statistics(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("S")
        await anna.shows("No targets set")
        advised(" to set how many accepted images a label needs.", anna.text)
        (key,) = re.findall(r"No targets set. Press (\w+) to set", anna.text)
        await anna.press("down", key)
        await anna.shows("Number of accepted images")
        advised("Number of accepted images that this label needs. Leave", anna.text)
        await anna.press("1", "enter")
        await anna.shows("0 of 1 target met")
        await anna.press(key, "ctrl+u", "enter")
        await anna.shows("No targets set")
        await anna.press("space", "space", key)
        await anna.shows("Number of accepted images")
        advised("Number of accepted images that each label needs. Leave", anna.text)
        await anna.press("1", "enter")
        await anna.shows("0 of 2 targets met")


async def test_targets_are_written_before_there_are_images(tmp_path: Path) -> None:
    without_labels = Settings(prompts=tmp_path / "missing.toml")
    async with open_review(tmp_path / "empty", settings=without_labels) as anna:
        await anna.press("S")
        await anna.shows("Labels appear here")
        advised("To set targets before that", " ".join(anna.text.split()))
        (example,) = re.findall(r"\[chest\].*?= \d+", anna.text, re.DOTALL)
        lines = [line.strip(" │") for line in example.splitlines()]
        (tmp_path / "empty" / "targets.toml").write_text("\n".join(lines), encoding="utf-8")
        await anna.press("escape", "S")
        await anna.shows("0 of 1 target met")


async def test_images_that_are_gone_leave_the_list_with_f5(root: Path) -> None:
    async with open_review(root) as anna:
        with closing(sqlite3.connect(root / layout.CATALOG)) as connection, connection:
            connection.execute("DELETE FROM records WHERE id = ?", (anna.ids[0],))
            connection.execute("DELETE FROM images WHERE record_id = ?", (anna.ids[0],))
        await anna.press("p")
        await anna.until(lambda: "no longer in the dataset" in anna.toasts)
        advised(" no longer in the dataset; press F5 to refresh", anna.toasts)
        await anna.press("f5")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES - 1)


async def test_hints_where_no_image_is_shown(root: Path, tmp_path: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("slash", "rating>=3", "enter")
        await anna.shows("to clear the filter")
        advised("Press esc to clear the filter, or / to change it.", anna.text)
        await anna.press("escape")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)
    async with open_review(tmp_path / "empty") as anna:
        await anna.shows("No images yet")
        advised("Generate some with xray-tui, then press F5 here.", " ".join(anna.text.split()))
        anna.dataset.save(make_image(), make_task(), make_provenance(), "job-1")
        await anna.press("f5")
        await anna.until(lambda: len(anna.screen.images.ids) == 1)
