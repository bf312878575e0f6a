"""The controllers of the workbench with a fake stage: no screen, no engine, no threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.preview_samples import a_record
from textual.screen import Screen

from xray_tui.config import Settings
from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Decision, Opinion
from xray_tui.dataset.review import history
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.generation.running.engine import Engine
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.workbench.decision_controller import DecisionController
from xray_tui.tui.workbench.history_controller import HistoryController
from xray_tui.tui.workbench.library_controller import LibraryController
from xray_tui.tui.workbench.preflight_controller import PreflightController
from xray_tui.tui.workbench.quit_controller import STOP_SECONDS, QuitController
from xray_tui.tui.workbench.stage import Stage


class Recorder:
    """Accepts any call, and records its name and arguments."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.calls.append((name, *arguments))


class FakeStage(Recorder):
    """A stage without threads: :meth:`run` does the work. Every question gets ``answer``."""

    def __init__(self, answer: str | None = None) -> None:
        super().__init__()
        self.preview, self.form = Recorder(), Recorder()
        self.settings = Settings()
        self.questions = 0
        self.work: list[Callable[[], object]] = []
        self._answer = answer

    def run(self) -> None:
        while self.work:
            self.work.pop(0)()

    def in_thread(self, work: Callable[[], object], group: str) -> None:
        self.work.append(work)

    def from_thread(self, function: Callable[..., object], *arguments: object) -> None:
        function(*arguments)

    def ask(self, dialog: Screen[Any], answered: Callable[[Any], None]) -> None:
        self.questions += 1
        self.asked = dialog
        answered(self._answer)


def a_stage(stage: FakeStage) -> Stage:
    return cast(Stage, stage)


def an_engine(*, busy: bool, in_batch: bool = True) -> Any:
    calls: list[tuple[str, object]] = []
    return SimpleNamespace(
        busy=busy,
        in_batch=in_batch,
        calls=calls,
        stop=lambda *, finish_current: calls.append(("stop", finish_current)),
        join=lambda seconds: calls.append(("join", seconds)),
    )


@pytest.mark.parametrize(
    ("busy", "answer", "calls", "leaves"),
    [
        (False, None, [], True),
        (True, "finish", [("stop", True), ("join", None)], True),
        (True, "stop", [("stop", False), ("join", STOP_SECONDS)], True),
        (True, "stay", [], False),
        (True, None, [], False),
    ],
)
def test_quitting_stops_the_engine_as_the_user_chose(
    busy: bool, answer: str | None, calls: list[object], leaves: bool
) -> None:
    stage, engine, left = FakeStage(answer), an_engine(busy=busy), []
    controller = QuitController(a_stage(stage), cast(Engine, engine), lambda: left.append("left"))
    assert bool(controller.at_stake()) is busy
    controller.quit()
    stage.run()
    assert engine.calls == calls
    assert bool(left) is leaves
    assert bool(controller.at_stake()) is (busy and not calls)  # once asked, nothing more is lost
    assert stage.questions == int(busy)


@pytest.mark.parametrize(
    ("in_batch", "choices"), [(True, ["finish", "stop", "stay"]), (False, ["now", "stay"])]
)
def test_a_batch_is_finished_only_if_one_runs(in_batch: bool, choices: list[str]) -> None:
    stage, engine = FakeStage(choices[-2]), an_engine(busy=True, in_batch=in_batch)
    QuitController(a_stage(stage), cast(Engine, engine), lambda: None).quit()
    stage.run()
    assert [choice.value for choice in cast(QuestionScreen, stage.asked)._choices] == choices
    assert engine.calls == [("stop", False), ("join", STOP_SECONDS)]


def test_quitting_again_leaves_without_another_question() -> None:
    stage, engine, left = FakeStage("finish"), an_engine(busy=True), []
    controller = QuitController(a_stage(stage), cast(Engine, engine), lambda: left.append("left"))
    controller.quit()
    assert left == []
    controller.quit()
    assert left == ["left"] and stage.questions == 1


class FakeDesk:
    """A desk for one reviewer, whose opinions are the verdicts."""

    def __init__(self) -> None:
        self.decisions: dict[int, Decision] = {3: "undecided"}  # the only image
        self.index = self
        self.steps, self.hide_votes = None, False

    def rows(self, ids: list[int]) -> list[Any]:
        found = [(number, self.decisions[number]) for number in ids if number in self.decisions]
        return [
            SimpleNamespace(record_id=number, verdict=decision, opinion=Opinion(decision))
            for number, decision in found
        ]

    def set_decision(self, ids: list[int], decision: Decision) -> None:
        self.decisions |= dict.fromkeys(ids, decision)


def test_a_decision_is_shown_and_a_change_of_the_accepted_images_is_reported() -> None:
    stage, accepted = FakeStage(), list[tuple[str, int]]()
    controller = DecisionController(
        a_stage(stage),
        cast(ReviewDesk, FakeDesk()),
        lambda prompt_id, change: accepted.append((prompt_id, change)),
    )
    controller.reasons = cast(Any, Recorder())  # a widget, which needs a screen
    for decision in ("accepted", "accepted", "rejected", "undecided", "accepted"):
        controller.decide(a_record(3), decision, lambda: None)
    stage.run()
    assert accepted == [("chest-normal", 1), ("chest-normal", -1), ("chest-normal", 1)]
    assert stage.preview.calls[-1] == ("show_opinions", {3: Opinion("accepted")})
    assert controller.read([a_record(3), a_record(4)]) == {3: Opinion("accepted")}


def test_a_step_of_another_window_is_named_before_the_preview_undoes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(tmp_path)
    with dataset.generator_lock():
        number = dataset.save(make_image(), make_task(), make_provenance(), "job-1").id
    with monkeypatch.context() as other:
        other.setattr(history, "PROCESS", "another")
        dataset.desk("ann").set_decision([number], "rejected")
    stage, desk = FakeStage(), dataset.desk("ann")
    decisions = DecisionController(a_stage(stage), desk, lambda prompt_id, change: None)
    decisions.undo(lambda: None, undo=True)
    stage.run()
    decisions.undo(lambda: None, undo=True)
    stage.run()
    assert stage.calls == [
        (
            "announce",
            "warning",
            "Made in another window: rejected 1 image. Press z again to undo it.",
        ),
        ("announce", "info", "Undone: rejected 1 image"),
    ]
    dataset.close()


def test_the_counts_are_read_again_if_an_image_was_saved_meanwhile() -> None:
    stage, library, reads = FakeStage(), Recorder(), list[int]()
    decisions = DecisionController(
        a_stage(stage), cast(ReviewDesk, FakeDesk()), lambda prompt_id, change: None
    )

    def counts(only: str | None) -> dict[str, Counts]:
        reads.append(len(reads))
        if len(reads) == 1:
            controller.add(a_record(9))
        return {"chest-normal": Counts(len(reads), 0)}

    catalog = SimpleNamespace(counts=counts, records=lambda limit: [])
    dataset = SimpleNamespace(
        catalog=catalog, path_of=lambda record: record.file, write_decisions=lambda: None
    )
    controller = HistoryController(
        a_stage(stage),
        cast(Dataset, dataset),
        cast(LibraryController, library),
        decisions,
        cast(PreflightController, Recorder()),
    )
    controller.refresh()
    stage.run()
    assert reads == [0, 1]
    assert library.calls == [
        ("count_generated", "chest-normal"),
        ("show_counts", {"chest-normal": Counts(2, 0)}),
    ]
