"""``xray-tui purge``: counts, asks, moves, restores and deletes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.dataset_samples import make_image, make_provenance, make_task
from support.run_command import RunCommand

from xray_tui import environment
from xray_tui.dataset.dataset import Dataset

Run = Callable[..., str]


@pytest.fixture
def purge(
    root: Path, dataset: Dataset, run_command: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs ``xray-tui purge`` on three images, two rejected; returns what it printed."""
    with dataset.generator_lock():
        ids = [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1").id
            for seed in range(3)
        ]
    dataset.desk("bob").set_decision(ids[:1], "accepted")
    dataset.desk("ann").set_decision(ids[:2], "rejected")

    def run(*arguments: str, code: int = 0, answer: str | None = None) -> str:
        monkeypatch.setattr(environment, "stdin_is_terminal", lambda: answer is not None)
        monkeypatch.setattr("builtins.input", lambda question: print(question) or answer)
        return "".join(run_command("purge", root, *arguments, code=code))

    return run


def images(root: Path) -> int:
    return len(list(root.glob("chest/*/*.png")))


def test_a_purge_with_its_questions_its_undo_and_an_empty_trash(root: Path, purge: Run) -> None:
    assert "Rejected: 2 images, " in purge("--dry-run")
    advised("purge asks for confirmation; without a terminal, add --yes", purge(code=2))
    declined = purge(code=1, answer="")
    assert "chest/normal: 2" in declined and "[y/N]" in declined
    assert "1 of them was accepted by a reviewer" in declined
    assert images(root) == 3

    moved = purge("--yes", "--reviewer", "ann")
    advised("To restore them: ", moved)
    advised("To free the space: ", moved)
    assert f"xray-tui purge --undo --dataset {root}\n" in moved
    assert "Moved to the trash: 2 images" in moved
    assert images(root) == 1
    assert "In the trash: 2 images" in purge("--dry-run")
    assert "Restored 2 images" in purge("--undo")
    assert images(root) == 3
    assert "The trash is empty" in purge("--undo")
    assert "The trash is empty" in purge("--empty-trash")

    purge(answer="y")
    assert "cannot be undone" in purge("--empty-trash", code=1, answer="n")
    assert "Deleted 2 images" in purge("--empty-trash", answer="y")
    assert not list((root / ".xray-tui" / "trash").iterdir())
    assert purge() == "No rejected images.\n"


def test_a_purge_of_the_command_is_undone_in_the_review(
    root: Path, purge: Run, dataset: Dataset
) -> None:
    purge("--yes", "--reviewer", "ann")
    assert dataset.desk("ann").undo() == "purged 2 rejected images"
    assert images(root) == 3


def test_only_one_action_at_a_time(purge: Run) -> None:
    advised("use only one of --dry-run", purge("--undo", "--dry-run", code=2))
    purge("--undo")
