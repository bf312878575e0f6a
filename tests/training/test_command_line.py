"""How the training commands end: exit codes, and one line on stderr instead of a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest
from training.conftest import write_data

from xray_tui.training import __main__ as training
from xray_tui.training.command_line import exit_code
from xray_tui.training.errors import TrainingError
from xray_tui.training.evaluation import __main__ as evaluating

WORK_OF = {
    training: "xray_tui.training.pipeline.train_checkpoint",
    evaluating: "xray_tui.training.evaluation.evaluation.evaluate",
}
"""The function that each command calls to do its work."""


@pytest.mark.parametrize("module", ["xray_tui.training", "xray_tui.training.evaluation"])
def test_a_folder_without_metadata_ends_the_command_with_exit_code_2(module, tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", module, "--data", "nowhere", "--work", "work"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.endswith("error: argument --data: nowhere has no metadata.csv\n")
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", list(WORK_OF), ids=["training", "evaluation"])
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "\nStopped. Run the same command again to resume.\n"),
        (TrainingError("greys.npy: delete it"), 2, "error: greys.npy: delete it\n"),
        (FileNotFoundError(2, "Not found", "chest/1.png"), 2, "error: chest/1.png: Not found\n"),
        (OSError("a library's\nlong story"), 2, "error: a library's\n"),
    ],
)
def test_a_stopped_command_ends_with_its_code_and_one_message(
    command, error, code, message, tmp_path, monkeypatch, capsys
):
    def fail(options):
        assert options.data == data
        raise error

    data = write_data(tmp_path / "data", 1, images=False)
    monkeypatch.setattr(WORK_OF[command], fail)
    monkeypatch.setattr(sys, "argv", ["command", "--data", str(data), "--work", str(tmp_path)])
    assert command.main() == code
    assert capsys.readouterr().err == message


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        exit_code(lambda: print(1 / 0))
