"""The log gets one line for a batch of saved images, and a debug line for each file."""

from __future__ import annotations

from typing import Any, cast

from support.preview_samples import a_record

from xray_tui.tui.workbench.saved_lines import MOST_IMAGES, SavedLines


class LogOnly:
    """A stage that only logs."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def log_line(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def of(self, level: str) -> list[str]:
        return [text for kind, text in self.lines if kind == level]


def records(*files: str) -> list[Any]:
    return [a_record(number, file=file) for number, file in enumerate(files, 1)]


def test_a_batch_is_one_line_once_no_more_images_come() -> None:
    stage = LogOnly()
    lines = SavedLines(cast(Any, stage))
    lines.tick()
    batch = records("chest/normal/a.png", "chest/normal/b.png", "knee/healthy/c.png")
    for record in batch[:2]:
        lines.add(record)
    lines.tick()  # perhaps the third is just being saved
    assert stage.of("info") == []
    lines.add(batch[2])
    lines.tick()
    lines.tick()
    lines.tick()
    assert stage.of("info") == ["Saved 3 images in chest/normal and 1 other folder"]
    assert stage.of("debug") == [f"Saved {record.file}" for record in batch]


def test_a_single_image_is_named() -> None:
    stage = LogOnly()
    lines = SavedLines(cast(Any, stage))
    lines.add(records("chest/normal/a.png")[0])
    lines.tick()
    lines.tick()
    assert stage.of("info") == ["Saved chest/normal/a.png"]


def test_images_that_never_stop_coming_are_logged_too() -> None:
    stage = LogOnly()
    lines = SavedLines(cast(Any, stage))
    for number in range(MOST_IMAGES):
        lines.add(records(f"chest/normal/{number}.png")[0])
    lines.tick()
    assert stage.of("info") == [f"Saved {MOST_IMAGES} images in chest/normal"]
