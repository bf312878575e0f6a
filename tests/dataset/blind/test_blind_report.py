"""Reports of blind readings: the text, the files, the command."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table
from support.blind_samples import a_root, a_session, answer_all
from support.dataset_samples import NASTY, temporaries

from xray_tui import environment
from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.report import markdown, write_report
from xray_tui.dataset.blind.report_panels import TERMINAL, interval_bar, panels
from xray_tui.dataset.blind.report_tables import table
from xray_tui.dataset.blind.results import (
    PairResults,
    Results,
    ReviewerResults,
    results_of,
)
from xray_tui.dataset.blind.session import Session, folder_of, save_session
from xray_tui.dataset.blind.statistics import Agreement, Confusion, Share
from xray_tui.errors import DatasetError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path)


@pytest.fixture
def session(root: Path) -> Session:
    """A session that ann has completed, with one mistake, and bob has begun."""
    session = a_session(real_folder="/data/real", left_out=2)
    save_session(root, session)
    answer_all(root, session, "ann", wrong=1)
    bob = Reading(root, session, "bob")
    bob.store(0, BlindAnswer("synthetic", ""))
    bob.store(1, BlindAnswer("real", "normal"))
    return session


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_report_has_all_results(root: Path, session: Session) -> None:
    text = markdown(results_of(root, session))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (
        "# Blind reading: first",
        "4 images: 2 synthetic, 2 real.",
        "Real radiographs from /data/real.",
        "2 files could not be read and were left out.",
        "| ann | accuracy | 3 of 4 | 75.0 % | 30.1–95.4 % |",
        "| | sensitivity | 1 of 2 | 50.0 % | 9.5–90.5 % |",
        "| | specificity | 2 of 2 | 100.0 % | 34.2–100.0 % |",
        "| bob | accuracy | 1 of 2 | 50.0 % | 9.5–90.5 % |",
        "| | specificity | 0 of 0 | – | – |",
        "| is synthetic | 1 | 1 |",
        "| | | 1 | 2 | unsure |",
        "| 1 | effusion | · | 1 | · |",
        "| ann, bob | real or synthetic | 0 of 2 | 0.0 % | -1.00 |",
        "| | label | 0 of 2 | 0.0 % | -0.33 |",
    ):
        assert line in lines, f"{line}\n{text}"
    assert max(map(len, text.splitlines())) <= 76


def test_the_report_of_a_session_without_answers(root: Path) -> None:
    session = a_session(labels=["normal"])
    save_session(root, session)
    assert "No answers yet." in markdown(results_of(root, session))


def test_without_real_images_the_report_says_that_accuracy_means_little(root: Path) -> None:
    session = a_session(items=a_session().items[:2])
    save_session(root, session)
    answer_all(root, session, "ann")
    text = markdown(results_of(root, session))
    assert "accuracy means little" in text and "is real" not in text
    assert "Agreement" not in text


def test_names_cannot_break_tables_or_the_terminal(root: Path) -> None:
    session = a_session()
    save_session(root, session)
    answer_all(root, session, f"a|b {NASTY}")
    answer_all(root, session, "=1+1")
    results = results_of(root, session)
    text = markdown(results)
    assert "a\\|b" in text and text.replace("\n", "").isprintable()
    files = write_report(root, results)
    assert {row["reviewer"] for row in rows(files.answers)} >= {"'=1+1"}


def test_tables_are_aligned_with_wide_characters() -> None:
    lines = table(("a", "b", "n"), [("肺", "x", "1"), ("e", "é", "12")]).splitlines()
    assert lines == [
        "| a  | b  |  n |",
        "| -- | -- | -: |",
        "| 肺 | x  |  1 |",
        "| e  | é  | 12 |",
    ]


def test_the_files_contain_every_number_and_every_answer(root: Path, session: Session) -> None:
    results = results_of(root, session)
    files = write_report(root, results)
    assert files.markdown.read_text(encoding="utf-8") == markdown(results)
    measures = {
        (row["measure"], row["reviewer"], row["truth"], row["said"]): row
        for row in rows(files.measures)
    }
    accuracy = measures["accuracy", "ann", "", ""]
    assert (accuracy["count"], accuracy["total"], accuracy["value"]) == ("3", "4", "0.75")
    assert float(accuracy["low"]) == pytest.approx(0.3006, abs=1e-4)
    assert measures["origin_count", "ann", "synthetic", "real"]["count"] == "1"
    assert measures["label_count", "bob", "normal", "unsure"]["count"] == "1"
    assert measures["kappa", "ann", "", ""]["value"] == "-1.0"
    assert measures["specificity", "bob", "", ""]["value"] == ""
    answers = rows(files.answers)
    assert len(answers) == 6
    assert answers[0] == {
        "item": "1",
        "origin": "synthetic",
        "label": "normal",
        "task_id": "a1",
        "file": "a1.png",
        "reviewer": "ann",
        "said_origin": "real",
        "said_label": "normal",
    }
    assert not temporaries(root)


def test_a_report_that_cannot_be_saved_leaves_the_old_report(
    root: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = results_of(root, session)
    write_report(root, results)
    old = {path: path.read_bytes() for path in folder_of(root, "first").iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DatasetError, match="the disk is full"):
        write_report(root, results)
    assert {path: path.read_bytes() for path in folder_of(root, "first").iterdir()} == old


# ---- tables and bars -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "chance", "bar"),
    [
        (Share(3, 4), 0.5, "···━━┿━━●━━"),
        (Share(0, 50), None, "●━·········"),
        (Share(50, 50), 0.5, "·····┊···━●"),
        (Share(1, 2), 0.5, "·━━━━●━━━━·"),
        (Share(0, 0), 0.5, ""),
    ],
)
def test_a_bar_shows_the_share_its_interval_and_guessing(
    share: Share, chance: float | None, bar: str
) -> None:
    assert interval_bar(share, 11, TERMINAL, chance).plain == bar


def printed(root: Path, session: Session, width: int) -> list[str]:
    console = Console(width=width, record=True, file=io.StringIO())
    for part in panels(results_of(root, session), TERMINAL, width):
        console.print(part)
    return console.export_text().splitlines()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_tables_fit_and_have_every_number_of_the_report(
    root: Path, session: Session, width: int
) -> None:
    lines = [" ".join(line.split()) for line in printed(root, session, width)]
    text = "\n".join(lines)
    assert "|" not in text and "#" not in text and "…" not in text
    report = markdown(results_of(root, session))
    numbers = re.findall(r"\d+ of \d+|[\d.]+ %|[\d.]+–[\d.]+ %|-\d\.\d\d", report)
    assert len(numbers) > 20 and all(number in text for number in numbers)
    assert any("specificity 2 of 2 100.0 % 34.2–100.0 %" in line for line in lines)
    assert any(line.startswith("ann, bob origin 0 of 2") for line in lines)
    assert all(len(line.rstrip()) <= width for line in printed(root, session, width))


@pytest.mark.parametrize("width", [40, 60, 70, 80, 90])
def test_tables_with_long_names_and_many_images_fit(width: int) -> None:
    share = Share(1_000, 1_200)
    reviewer = ReviewerResults(
        "Professor Doctor Maximilian Longname",
        9,
        Confusion(("real",), ("real",), ((9,),)),
        Confusion((), (), ()),
    )
    pair = PairResults(reviewer.reviewer, "B", Agreement(share, 0.5), Agreement(share, 0.5))
    results = Results(a_session(), {}, (reviewer,), (pair,))
    tables = [part for part in panels(results, TERMINAL, width) if isinstance(part, Table)]
    widths = [Console().measure(table).maximum for table in tables]
    assert max(widths) <= max(width, 75)  # narrower ones are scrolled
    assert len(widths) == 4


def test_the_tables_of_a_session_without_answers_and_of_hostile_names(root: Path) -> None:
    session = a_session(labels=["normal"])
    save_session(root, session)
    assert "No answers yet." in printed(root, session, 80)
    answer_all(root, session, f"a[b] {NASTY}")
    answer_all(root, session, "[bold]")
    text = "\n".join(printed(root, session, 80))
    assert "[bold]" in text and text.replace("\n", "").isprintable()


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def blind(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, str]]:
    """Runs ``xray-tui blind``; returns its standard output and its standard error."""
    from typer import Typer

    from xray_tui.cli import blind

    monkeypatch.setenv("XDG_CONFIG_HOME", str(root))
    command = Typer()
    command.add_typer(blind.app, name="blind")

    def run(*arguments: str) -> tuple[str, str]:
        command(["blind", *arguments, "--dataset", str(root)], standalone_mode=False)
        captured = capsys.readouterr()
        return captured.out, captured.err

    return run


def test_the_command_prints_and_saves(
    root: Path, session: Session, blind: Callable[..., tuple[str, str]]
) -> None:
    out, err = blind("report", "first")
    path = folder_of(root, "first") / "report.md"
    assert out == path.read_text(encoding="utf-8")
    assert f"saved: {path}" in err
    assert blind("list")[0] == "first  4 images, 2 of them real · ann 4 of 4, bob 2 of 4\n"
    (folder_of(root, "first") / "session.json").write_text("{}")
    assert "session.json" in blind("list")[0]


def test_the_list_is_printed_as_json(
    root: Path, session: Session, blind: Callable[..., tuple[str, str]]
) -> None:
    complete = {"ann": 4, "bob": 2}
    expected = {"name": "first", "problem": "", "images": 4, "real": 2, "complete": complete}
    assert json.loads(blind("list", "--json")[0]) == expected
    (folder_of(root, "first") / "session.json").write_text("{}")
    broken = json.loads(blind("list", "--json")[0])
    assert "session.json" in broken["problem"] and broken["images"] is None


def test_a_terminal_gets_tables_and_bars(
    session: Session,
    blind: Callable[..., tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "output_width", lambda: 100)
    out, err = blind("report", "first")
    assert "━" in out and "| ann |" not in out
    assert "saved: " in err


def test_the_command_without_sessions(blind: Callable[..., tuple[str, str]]) -> None:
    assert "No blind readings." in blind("list")[0]
    assert blind("list", "--json") == ("", "")
    with pytest.raises(DatasetError, match="no blind reading session named first"):
        blind("report", "first")
