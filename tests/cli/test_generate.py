"""``xray-tui generate`` as a user runs it, with the bundled model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image
from support.advice import advised
from support.fork_server import ChildCommand, ForkServer

from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import SchedulerName
from xray_tui.prompts.library import default_path, load

SMALL = ["--steps", "2", "--seed", "7"]
ALL = [*SMALL, "--batch-size", "8", "--size", "64x64", "--dataset", "D"]
EVENTS = "events.jsonl"

Run = Callable[..., str]


def run_process(folder: Path, *arguments: str, code: int = 0, **environment: str) -> str:
    """Run xray-tui in ``folder``, assert its exit code, and return its output."""
    result = subprocess.run(
        [sys.executable, "-m", "xray_tui", *arguments],
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return checked(result.stdout + result.stderr, result.returncode, code)


def checked(output: str, ended: int, code: int) -> str:
    assert ended == code, output
    assert "Traceback" not in output
    return output


@pytest.fixture
def run(parent: ForkServer) -> Run:
    """Does the same in a process that does not import and load everything first."""

    def run_command(folder: Path, *arguments: str, code: int = 0) -> str:
        with tempfile.TemporaryFile() as file:
            command = ChildCommand(list(arguments), str(folder))
            ended = parent.start(command, file.fileno(), file.fileno()).wait()
            file.seek(0)
            return checked(file.read().decode(), ended, code)

    return run_command


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose dataset D has one image of each bundled prompt."""
    folder = tmp_path_factory.mktemp("generated")
    output = run_process(folder, "generate", *ALL, "--json")
    (folder / EVENTS).write_text(output, encoding="utf-8")
    return folder


def test_every_bundled_prompt_gets_its_images(generated: Path) -> None:
    bundled = load(default_path()).bundled()
    for prompt in bundled:
        found = list((generated / "D" / prompt.region / prompt.label).glob(f"{prompt.id}_7_*.png"))
        assert len(found) == 1, prompt.id


def test_images_are_grey_and_carry_both_chunks(generated: Path) -> None:
    paths = list((generated / "D").glob("*/*/*.png"))
    assert paths
    for path in paths:
        with Image.open(path) as picture:
            assert picture.mode == "L"
            assert "Steps: 2" in picture.text["parameters"]
            assert json.loads(picture.text["xray-tui"])


def test_metadata_has_exactly_one_row_for_each_file(generated: Path) -> None:
    rows = [
        json.loads(line) for line in (generated / "D" / "metadata.jsonl").read_text().splitlines()
    ]
    files = sorted(
        path.relative_to(generated / "D").as_posix() for path in (generated / "D").glob("*/*/*.png")
    )
    assert files and sorted(row["file_name"] for row in rows) == files
    assert len({tuple(sorted((k, type(v).__name__) for k, v in row.items())) for row in rows}) == 1


def test_a_second_run_generates_nothing_and_says_why(generated: Path, run: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in (generated / "D").rglob("*.png")}
    assert before
    output = run(generated, "generate", *ALL, "--eta", "0.5")
    assert "xray-tui: eta is ignored: only ddim and tcd use it" in output
    assert "already" in output
    assert {path: path.stat().st_mtime_ns for path in (generated / "D").rglob("*.png")} == before


def test_json_prints_one_event_per_line(generated: Path) -> None:
    events = [json.loads(line) for line in (generated / EVENTS).read_text().splitlines()]
    names = [event["event"] for event in events]
    saved = [event["record"]["file"] for event in events if event["event"] == "ImageSaved"]
    files = [
        path.relative_to(generated / "D").as_posix() for path in (generated / "D").glob("*/*/*.png")
    ]
    assert sorted(saved) == sorted(files)
    batches = -(-len(files) // 8)
    assert names.count("StepDone") == 2 * batches
    assert names[-1] == "JobFinished"
    assert events[-1]["state"] == "done"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-prompt"], "no-such-prompt"),
        (["--steps", "0"], "steps = 0"),
        (["--steps", "many"], "must be a whole number"),
        (["--guidance", "nan"], "guidance_scale"),
        (["--size", "big"], "--size"),
        (["--size", "250x256"], "multiple of 8"),
        (["--scheduler", "magic"], "scheduler"),
        (["--scheduler", "eular"], "(did you mean euler?)"),
        (["--text", "{abc"], "a choice as {left|right}"),
        (["--seed", "-1"], "seed"),
        (["--seed", ""], "seed: is empty"),
        (["--device", "tpu"], "device"),
        (["--model", "/no/such/model"], "/no/such/model"),
        (["--prompts", "/no/such.toml"], "/no/such.toml"),
        (["--text", "a {grade} knee"], "no prompt has a slot {grade}"),
        (["--text", ""], "text: is empty"),
        (["--dataset", "/dev/null"], "/dev/null"),
        (["--dataset", ""], "dataset: is empty"),
        (["--dataset", "/proc/xrays"], "/proc/xrays"),
    ],
)
def test_bad_input_prints_one_message_and_exits_with_2(
    tmp_path: Path, arguments: list[str], says: str, run: Run
) -> None:
    output = run(tmp_path, "generate", *arguments, code=2)
    assert says in output
    assert not list(tmp_path.rglob("*.png"))


def test_an_ad_hoc_prompt_is_generated_under_its_own_region(tmp_path: Path, run: Run) -> None:
    text = "{PA|AP} chest radiograph of an odd {sex}."
    advised("; add --text", run(tmp_path, "generate", "--label", "odd", code=2))
    arguments = ["--text", text, "--label", "odd", *ALL, "--size", "64x64"]
    assert "the bundled model does not know the word odd" in run(tmp_path, "generate", *arguments)
    folder = tmp_path / "D" / "scratch" / "odd"
    assert [path.name.split("_")[1] for path in folder.iterdir()] == ["7"]
    row = json.loads((tmp_path / "D" / "metadata.jsonl").read_text())
    assert (row["region"], row["label"]) == ("scratch", "odd")
    assert row["text"][:19] in ("PA chest radiograph", "AP chest radiograph")


def test_prompts_unknown_to_the_bundled_model_need_a_flag(tmp_path: Path, run: Run) -> None:
    arguments = ["generate", "chest-lung-nodule", "knee-healthy", *ALL, "--size", "64x64"]
    output = " ".join(run(tmp_path, *arguments, code=2).split())
    assert "the bundled model was not trained on chest-lung-nodule; leave it out" in output
    advised("or add --untrained to generate", output)
    assert not list(tmp_path.rglob("*.png"))
    run(tmp_path, *arguments, "--untrained")
    assert len(list(tmp_path.rglob("*.png"))) == 2


def test_a_library_without_marks_is_used_with_a_warning(tmp_path: Path, run: Run) -> None:
    (tmp_path / "own.toml").write_text(
        '[[prompts]]\nid = "a"\nregion = "chest"\nlabel = "normal"\n'
        'view = "PA"\nfindings = []\ntext = "PA."\n'
    )
    output = run(tmp_path, "generate", "a", "--prompts", "own.toml", *ALL)
    assert "the bundled model was not trained on a, as no prompt is marked" in output
    assert len(list(tmp_path.rglob("*.png"))) == 1


def test_prompts_check_names_the_line_and_the_key(tmp_path: Path, run: Run) -> None:
    (tmp_path / "bad.toml").write_text('[[prompts]]\nid = "a"\nregion = "chest"\ncolour = "red"\n')
    output = run(tmp_path, "prompts", "check", "bad.toml", code=2)
    assert "bad.toml:4" in output
    assert "colour" in output


def test_prompts_check_checks_parameters_as_generate_does(tmp_path: Path, run: Run) -> None:
    entry = (
        '[[prompts]]\nid = "a"\nregion = "chest"\nlabel = "normal"\n'
        'view = "PA"\nfindings = []\ntext = "PA."\n'
    )
    library = tmp_path / "own.toml"
    library.write_text(f"{entry}[prompts.parameters]\nwidth = 72\n")
    output = run(tmp_path, "prompts", "check", "own.toml", code=2)
    wrong = "width = 72: model bundled needs a multiple of"
    assert f'own.toml:9: prompt "a" (number 1): parameters: {wrong}' in output
    output = run_process(tmp_path, "prompts", "check", "own.toml", code=2, XRAY_TUI_WIDTH="72")
    assert f"own.toml: your settings (config.toml or XRAY_TUI_WIDTH): {wrong}" in output
    library.write_text(entry)
    output = run(tmp_path, "prompts", "check", "own.toml")
    assert "own.toml: 1 prompt, 0 bundled, no problems found" in output


def test_prompts_list_shows_the_built_in_library(tmp_path: Path, run: Run) -> None:
    assert "knee-severe-osteoarthritis" in run(tmp_path, "prompts", "list")


def test_models_list_shows_the_bundled_model(tmp_path: Path) -> None:
    assert "bundled" in run_process(tmp_path, "models", "list", HF_HOME=str(tmp_path))


def test_version_is_printed(tmp_path: Path) -> None:
    assert run_process(tmp_path, "--version").startswith("xray-tui 0.")


def test_help_shows_one_example_per_line_and_the_range_of_each_parameter(
    tmp_path: Path, run: Run
) -> None:
    assert "\n    xray-tui --dataset ~/xrays\n" in run(tmp_path, "--help")
    output = run(tmp_path, "generate", "--help")
    assert "\n    xray-tui generate --count 4 --seed 7\n" in output
    words = re.sub(r"(?<=\w)- ", "-", " ".join(output.split()))  # lines may end after a hyphen
    for spec in field_specs().values():
        if spec.name in {"width", "height"}:
            assert spec.allowed in words
        else:
            assert spec.summary in words
    shipped = load(default_path()).defaults.parameters
    for name in ("steps", "scheduler"):
        assert f"(the shipped prompts: {shipped[name]})" in field_specs()[name].summary
    assert "(1 to 100000; default: 1)" in words
    assert all(name in words for name in get_args(SchedulerName))


def test_the_app_without_a_terminal_suggests_the_command_that_made_these_images(
    generated: Path, run: Run
) -> None:
    advised("without one, use: xray-tui generate", run(generated, code=2))
