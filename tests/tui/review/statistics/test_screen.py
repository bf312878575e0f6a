"""The statistics screen: labels, targets set by keys, images to generate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.progress_samples import PROGRESS, SUMMARY
from support.textual_internals import screen_rows
from support.tui_samples import ThemedApp
from textual.pilot import Pilot
from textual.widgets import Input

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.target_edits import TargetEdits
from xray_tui.dataset.review.targets import Targets
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.output.small_window import SMALLEST
from xray_tui.tui.review.statistics.progress_bars import ProgressBars
from xray_tui.tui.review.statistics.screen import StatisticsScreen

TARGETS = """\
[chest]
cardiomegaly = 150
effusion = 100
normal = 200
pneumothorax = 100
covid-19 = 50

[knee]
healthy = 80
"""
DRAWABLE = [
    ("chest", "normal"), ("chest", "covid-19"), ("chest", "effusion"), ("elbow", "fracture"),
    ("knee", "severe"),
]  # fmt: skip


class Host(ThemedApp):
    """Opens the statistics of a dataset in ``root`` at once."""

    def __init__(
        self,
        root: Path,
        progress: list[LabelProgress],
        pace: float | None = 4.2,
        theme: str = "reading-room",
        **options: Any,
    ) -> None:
        super().__init__(theme)
        self.targets = TargetEdits(Targets(root))
        self._first = StatisticsScreen(
            progress,
            pace,
            self.targets,
            SUMMARY,
            **{"drawable": DRAWABLE, "coming": {}} | options,
        )
        self.results: list[tuple[Shortfall, ...] | None] = []

    def on_mount(self) -> None:
        self.push_screen(self._first, self.results.append)

    @property
    def lines(self) -> list[str]:
        return [strip.text for strip in screen_rows(self.screen)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "targets.toml").write_text(TARGETS)
    return tmp_path


async def set_target(pilot: Pilot[Any], text: str) -> None:
    """Type a target for the selected labels."""
    await pilot.press("enter")
    assert isinstance(pilot.app.screen, EntryScreen)
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


@pytest.mark.parametrize(("width", "head"), [(80, "dataset"), (120, "dataset decisions")])
async def test_own_decisions_and_the_decisions_of_the_dataset_are_distinguished(
    tmp_path: Path, width: int, head: str
) -> None:
    app = Host(tmp_path, [LabelProgress("chest", "normal", 300, 300, 0, 0)], None)
    async with app.run_test(size=(width, 24)):
        assert "You decided 0 of 300, 300 left" in app.text
        assert f" {head} " in app.text and "undecided" in app.text
        assert "300 of 300 images accepted, 100% of those decided; 300 for you" in app.text


async def test_in_the_smallest_window_rows_of_labels_are_seen(tmp_path: Path) -> None:
    app = Host(tmp_path, PROGRESS)
    async with app.run_test(size=SMALLEST) as pilot:
        await pilot.pause()
        assert app.focused is not None and app.focused.size.height >= 2, app.text


async def test_labels_are_shown_with_their_targets(root: Path) -> None:
    app = Host(root, PROGRESS[::-1], coming={("chest", "effusion"): 20})
    async with app.run_test(size=(80, 36)) as pilot:
        lines = [line.strip("│ ") for line in app.lines]
        shown = [line.split()[0] for line in lines[4:] if line][:12]
        assert shown == [
            "label", "all", "chest", "cardiomegaly", "covid-19", "effusion", "normal",
            "pneumothorax", "knee", "healthy", "severe", "elbow,",
        ]  # fmt: skip
        assert "You decided 581 of 951, 4.2 s per image, about 26 min for the 370" in app.text
        assert "2 of 6 targets met, 290 missing; some will be rejected, so 466" in app.text
        assert "elbow, labels without images" in app.text
        (normal,) = [line.split() for line in lines if line.startswith("normal")]
        assert normal[2:] == ["120", "60", "120", "200", "80"]
        (total,) = [line.split() for line in lines if line.startswith("all")]
        assert total[2:] == ["420", "231", "300", "680", "290"]
        (chest,) = [line.split() for line in lines if line.startswith("chest  ")]
        assert chest[2:] == ["340", "220", "300", "600", "290"]
        await pilot.press("down", "down")
        assert "60 of 100 missing; some will be rejected, so 197 are needed: 40" in app.text
        assert "no prompt" not in app.text
        await pilot.press("j", "j")
        assert "pneumothorax: the library has no prompt for this label" in app.text
        await pilot.press("k")
        assert "120 of 300 images accepted, 67% of those decided; 150 for you to review" in app.text
        await pilot.press("k", "escape")
        await pilot.pause()
    assert app.results == [None]


async def test_a_target_is_set_changed_and_removed(root: Path) -> None:
    app = Host(root, PROGRESS)
    async with app.run_test(size=(80, 24)) as pilot:
        bars = app.screen.query_one(ProgressBars)
        await pilot.press("end")
        assert bars.highlighted == ("elbow", "fracture")
        await set_target(pilot, "1,000")
        assert app.targets.read()["elbow", "fracture"] == 1000
        assert bars.highlighted == ("elbow", "fracture")  # although the label moved to another line
        await pilot.press("enter")
        assert app.screen.query_one(Input).value == "1000"
        app.screen.query_one(Input).value = "0"
        await pilot.press("enter")
        assert "a target must be a whole number from 1 to 100,000" in app.text
        await pilot.press("escape")
        await pilot.pause()
        assert app.targets.read()["elbow", "fracture"] == 1000
        await set_target(pilot, "")
        assert ("elbow", "fracture") not in app.targets.read()
        assert bars.highlighted == ("elbow", "fracture")
        assert "no target set" in app.text


async def test_a_target_for_a_region_for_marks_and_for_all_labels_is_one_step(root: Path) -> None:
    edema = ("chest", "edema")  # without images: in the row of its region as well
    app = Host(root, PROGRESS, drawable=[*DRAWABLE, edema])
    before = app.targets.read()
    chest = {edema} | {label for label in before if label[0] == "chest"}
    async with app.run_test(size=(80, 24)) as pilot:
        bars = app.screen.query_one(ProgressBars)
        await pilot.press("up")
        assert "chest, 6 labels" in app.text
        assert "z Undo" not in app.text  # there is nothing to undo
        await set_target(pilot, "40")
        assert app.targets.read() == before | dict.fromkeys(chest, 40)
        assert "z Undo" in app.text and "Z Redo" not in app.text
        await pilot.press("z")
        assert "Undone: target of 40 for 6 labels" in app.text
        assert app.targets.read() == before

        await pilot.press("end", "up", "up", "up")  # labels without images: a row for each region
        assert "chest, 1 label without images" in app.text
        await pilot.press("end", "up")
        await set_target(pilot, "7")
        assert app.targets.read() == before | {("elbow", "fracture"): 7}
        await pilot.press("z")

        await pilot.press("home", "down", "space", "space")
        assert app.text.count("◆") == 2
        await pilot.press("enter")
        assert "Target: 2 marked labels" in app.text and "different targets" in app.text
        await pilot.press("enter")
        assert "type a number, or none" in app.text  # enter alone does not remove them
        app.screen.query_one(Input).value = "none"
        await pilot.press("enter")
        await pilot.pause()
        assert app.text.count("◆") == 0 and len(app.targets.read()) == len(before) - 2
        await pilot.press("z", "z")
        assert app.targets.read() == before and "Nothing to undo" in app.text
        await pilot.press("Z")
        assert len(app.targets.read()) == len(before) - 2

        await pilot.press("ctrl+a")
        await set_target(pilot, "200")
        assert set(app.targets.read().values()) == {200} and len(app.targets.read()) == 9
        await pilot.press("ctrl+a", "escape")
        assert app.text.count("◆") == 0 and app.results == []
        assert bars.highlighted is not None


async def test_one_key_requests_all_missing_images(root: Path) -> None:
    app = Host(root, PROGRESS, coming={("chest", "covid-19"): 50})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await pilot.pause()
    (result,) = app.results
    assert result is not None
    assert [(label.label, label.missing, label.to_queue) for label in result] == [
        ("effusion", 60, 157)
    ]


async def test_nothing_is_queued_if_undecided_images_may_be_enough(root: Path) -> None:
    (root / "targets.toml").write_text("[chest]\nnormal = 130\n")
    app = Host(root, PROGRESS)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "10 missing: 120 undecided may be enough." in app.text
        await pilot.press("g")
        await pilot.pause()
        assert app.results == []
        assert "Nothing queued: 120 undecided may be enough for the targets." in app.text


async def test_labels_without_a_prompt_are_counted_separately(root: Path) -> None:
    app = Host(root, PROGRESS, drawable=[("chest", "covid-19")])
    async with app.run_test(size=(120, 24)) as pilot:
        assert "259 undecided + 50 to generate (g) + 157" in app.text
        await pilot.press("g")
        await pilot.pause()
    ((effusion, covid),) = [result for result in app.results if result]
    assert {effusion.label, covid.label} == {
        "effusion",
        "covid-19",
    }
    app = Host(root, PROGRESS, drawable=[("chest", "cardiomegaly")])
    async with app.run_test(size=(80, 24)) as pilot:
        assert "so 466 are" in app.text and "207 without a prompt." in app.text
        await pilot.press("g")
        await pilot.pause()
        assert app.results == [] and "Nothing queued: the library has no prompt" in app.text


async def test_an_invalid_targets_file_is_reported_and_not_changed(root: Path) -> None:
    broken = "[chest]\nnormal = 0\neffusion = 5 # mine\n"
    (root / "targets.toml").write_text(broken)
    app = Host(root, PROGRESS)
    async with app.run_test(size=(200, 40)) as pilot:
        problem = "targets.toml:2: chest.normal: must be a whole number from 1 to 100,000"
        assert problem in app.text and "target yet" not in app.text
        await pilot.press("g")
        await set_target(pilot, "7")
        assert problem in app.text and app.results == []
        assert (root / "targets.toml").read_text() == broken


async def test_a_dataset_without_images_has_nothing_to_target(tmp_path: Path) -> None:
    app = Host(tmp_path, [], None, drawable=())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "No images yet." in app.text and "targets.toml" in app.text
        assert "Target" not in app.lines[-1]
        await pilot.press("g", "down", "enter", "question_mark", "escape", "escape")
        await pilot.pause()
    assert app.results == [None]


async def test_two_hundred_labels_can_be_scrolled(tmp_path: Path) -> None:
    many = [LabelProgress(f"r{n % 4}", f"label-{n:03}", 900, n, n, 2 * n) for n in range(200)]
    app = Host(tmp_path, many, drawable=())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "all" in app.text and "label-199" not in app.text
        await pilot.press("end")
        await pilot.pause()
        assert app.screen.query_one(ProgressBars).highlighted == ("r3", "label-199")
        assert "r3 / label-199" in app.text and "all" in app.text
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert app.screen.query_one(ProgressBars).highlighted == ("r3", "label-199")
        assert max(map(len, app.lines)) == 120


@pytest.mark.parametrize(
    ("size", "theme", "options"),
    [
        ((80, 24), "reading-room", {}),
        ((120, 36), "daylight", {}),
        pytest.param((200, 60), "reading-room", {"drawable": ()}, marks=pytest.mark.slow),
    ],
    ids=["80x24", "120x36", "200x60"],
)
def test_the_statistics_look_right(
    snap_compare: Any, root: Path, size: tuple[int, int], theme: str, options: dict[str, Any]
) -> None:
    app = Host(root, PROGRESS, theme=theme, **options)
    assert snap_compare(app, press=["down", "down"], terminal_size=size)


async def test_a_target_for_all_labels_leaves_out_ad_hoc_prompts(root: Path) -> None:
    app = Host(root, [*PROGRESS, LabelProgress("scratch", "scratch", 3, 1, 0, 2)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+a")
        await set_target(pilot, "200")
        assert ("scratch", "scratch") not in app.targets.read()
        assert len(app.targets.read()) == 8
