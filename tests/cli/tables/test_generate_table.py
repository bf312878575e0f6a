"""``xray-tui generate --from``, with the bundled model: images, mistakes, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.fork_server import ChildCommand, ForkServer
from support.generate_process import RESUME, StartGenerate

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png
from xray_tui.dataset.repair.rebuilding import rebuild

SMALL = ["--steps", "2", "--size", "64x64", "--seed", "7", "--dataset", "D"]
TABLE = """id,text,diagnosis,patient,age,decision
a,"PA chest radiograph of an adult man, clear lungs.",Normal,007,63,mine
b,AP chest radiograph.,Pleural Effusion,008,,
"""


def run(parent: ForkServer, folder: Path, *arguments: str, code: int = 0) -> str:
    with (folder / "output.txt").open("w+b") as file:
        command = ChildCommand(["generate", *arguments], str(folder))
        ended = parent.start(command, file.fileno(), file.fileno()).wait()
        file.seek(0)
        output = file.read().decode()
    assert ended == code, output
    assert "Traceback" not in output
    return output


def metadata(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "D" / "metadata.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_rows_become_images_whose_columns_survive_a_rebuild(
    tmp_path: Path, parent: ForkServer
) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    arguments = ["--from", "t.csv", "--column", "label=diagnosis", *SMALL]
    run(parent, tmp_path, *arguments)
    rows = sorted(metadata(tmp_path), key=lambda row: str(row["prompt_id"]))
    assert [(row["prompt_id"], row["label"], row["seed"]) for row in rows] == [
        ("a", "normal", 7),
        ("b", "pleural-effusion", 8),
    ]
    kept = [json.loads(str(row["table_row"])) for row in rows]
    assert kept == [
        {"patient": "007", "age": 63, "decision": "mine"},
        {"patient": "008", "age": None, "decision": None},
    ]
    assert [row["decision"] for row in rows] == ["undecided", "undecided"]
    for row in rows:
        task = png.read(tmp_path / "D" / str(row["file_name"])).task
        assert task.table_row == json.loads(str(row["table_row"]))
    rebuild(tmp_path / "D")
    Dataset(tmp_path / "D").close()
    assert sorted(metadata(tmp_path), key=lambda row: str(row["prompt_id"])) == rows
    assert "2 of 2 images already exist" in run(parent, tmp_path, *arguments)


def test_one_bad_row_stops_the_command_before_anything_is_queued(
    tmp_path: Path, parent: ForkServer
) -> None:
    (tmp_path / "t.csv").write_text(TABLE + ",,normal,,,\n,A chest.,a/b,,,\n")
    arguments = ["--from", "t.csv", "--column", "label=diagnosis", *SMALL]
    output = run(parent, tmp_path, *arguments, code=2).splitlines()
    assert output[0].startswith("xray-tui: t.csv: 2 rows cannot be used, so nothing was queued")
    assert output[1].startswith("t.csv: line 4, column text: ")
    assert output[2].startswith("t.csv: line 5, column diagnosis: ")
    assert len(output) == 3
    assert not (tmp_path / "D").exists()
    output = run(parent, tmp_path, *arguments, "--skip-bad")
    assert "t.csv: 2 rows left out" in output
    assert "t.csv: line 5, column diagnosis: " in output
    assert len(metadata(tmp_path)) == 2


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_a_killed_job_is_resumed_without_the_table(
    number: signal.Signals, tmp_path: Path, start: StartGenerate
) -> None:
    table = tmp_path / "t.jsonl"
    lines = [json.dumps({"text": f"PA chest {row}", "row": row}) for row in range(6)]
    table.write_text("\n".join(lines))
    small = ["--steps", "20", "--batch-size", "2", "--size", "64x64", "--dataset", "D", "--json"]
    killed = start(tmp_path, ["generate", "--from", "t.jsonl", *small])
    killed.wait_for("ImageSaved")
    killed.process.kill(number)
    killed.process.wait()
    table.unlink()
    if (tmp_path / "D" / "metadata.jsonl").exists():
        assert len(metadata(tmp_path)) < 6
    assert start(tmp_path, RESUME).end() == 0
    found = sorted(json.loads(str(row["table_row"]))["row"] for row in metadata(tmp_path))
    assert found == list(range(6))


def test_a_table_comes_from_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xray_tui", "generate", "--from", "-", *SMALL],
        cwd=tmp_path,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        input='{"text": ""}\n{"text": "A chest.", "steps": 0}\n',
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "standard input: line 1, column text: is empty" in done.stderr
    assert "standard input: line 2, column steps: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--skip-bad"], "add --from"),
        (["--column", "label=a"], "add --from"),
        (["--from", "t.csv", "chest-normal-adult"], "leave out ids and --text"),
        (["--from", "t.csv", "--text", "A chest."], "leave out ids and --text"),
        (["--from", "t.csv", "--resume"], "give only job ids and --dataset"),
        (["--from", "no.csv"], "no.csv: cannot be read: no such file"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: list[str], words: str, tmp_path: Path, parent: ForkServer
) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    assert words in run(parent, tmp_path, *arguments, "--dataset", "D", code=2)
    assert not (tmp_path / "D").exists()
