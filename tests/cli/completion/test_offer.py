"""What is offered at the cursor: commands, options, and values of every kind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.blind_samples import BlindItem, SessionRequest, make_session
from support.dataset_samples import make_image, make_job, make_provenance, make_task

from xray_tui.cli.completion.answer import answer
from xray_tui.cli.completion.offer import offered
from xray_tui.cli.completion.places import prompt_library
from xray_tui.config import load_settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import CATALOG
from xray_tui.prompts.library_choice import choose_library


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without settings."""
    monkeypatch.setenv("XRAY_TUI_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def xrays(folder: Path) -> Path:
    """The current dataset, with an image, a queued and a done job, a reviewer and a session."""
    dataset = Dataset(folder / "dataset")
    task = make_task()
    record = dataset.save(make_image(), task, make_provenance(), "job-1")
    dataset.queue.add(make_job([make_task(2)]))
    dataset.desk("anna").set_decision([record.id], "accepted")
    dataset.close()
    item = BlindItem(task.id, record.file, task.region, task.label)
    make_session(dataset.root, SessionRequest("first", 1), [item])
    return dataset.root


def words(*typed: str) -> list[str]:
    return [word for word, _ in offered(typed[:-1], typed[-1])[1]]


def test_commands_and_options() -> None:
    assert words("gen") == ["generate"]
    assert {"jobs", "doctor", "help"} <= set(words(""))
    assert words("jobs", "re") == ["resume", "retry"]
    assert words("jobs", "--") == ["--help"]
    assert "--scheduler" in words("generate", "--s")
    assert "--seed" not in words("generate", "--seed", "7", "--s")
    assert words("--install") == ["--install-completion"]
    assert words("no-such-command", "--versi") == ["--version"]


def test_values_of_lists() -> None:
    assert words("generate", "--scheduler", "uni") == ["unipc", "unipc-karras"]
    assert words("generate", "--scheduler=uni")[0] == "--scheduler=unipc"
    assert words("--theme", "") == ["reading-room", "daylight"]
    assert words("help", "trou") == ["troubleshooting"]
    assert words("help", "jobs", "") == []
    assert words("generate", "--count", "") == words("generate", "--text", "") == []


def test_the_shell_completes_files_and_folders() -> None:
    assert offered(["generate", "--dataset"], "x") == ("folders", [])
    assert offered(["--prompts"], "") == ("files", [])
    assert offered(["review"], "") == ("folders", [])
    assert offered(["reviews", "merge", "a"], "") == ("files", [])
    assert offered([], "--dataset=x") == ("folders", [])


def test_prompts_of_the_library_that_is_used(folder: Path) -> None:
    assert "knee-healthy" in words("generate", "kne")
    assert "knee-healthy" not in words("generate", "knee-healthy", "kne")
    assert words("generate", "--", "-") == []
    own = '[[prompts]]\nid = "own"\nregion = "r"\nlabel = "l"\ntext = "t"\n'
    Path("own.toml").write_text(own)
    assert words("generate", "--prompts", "own.toml", "") == ["own"]
    Path("prompts.toml").write_text(own)
    assert words("generate", "") == ["own"]
    assert words("generate", "--label", "") == ["l"]
    Path("prompts.toml").write_text('[[prompts]]\nid = "$(rm -r ~)"\n[[')
    assert words("generate", "") == []


def test_names_that_a_shell_could_misread_are_not_offered() -> None:
    Path("prompts.toml").write_text('[[prompts]]\nid = "$(touch x)"\n[[prompts]]\nid = "a`b"\n')
    assert words("generate", "") == []


@pytest.mark.usefixtures("xrays")
def test_values_of_the_dataset() -> None:
    assert words("jobs", "show", "") == ["job-1"]
    assert words("jobs", "cancel", "job-1", "") == []
    assert words("generate", "--resume", "") == ["job-1"]
    assert words("generate", "--label", "")[0] == make_task().label
    assert words("review", "--reviewer", "") == ["anna"]
    assert words("blind", "report", "") == ["first"]
    assert words("generate", "--model", "bun") == ["bundled"]


def filters(typed: str) -> list[str]:
    return words("review", "--filter", typed)


@pytest.mark.usefixtures("xrays")
def test_fields_and_values_of_a_filter() -> None:
    label, prompt = make_task().label, make_task().prompt_id
    assert filters("dec") == ["decision:"]
    assert offered(["review", "--filter"], "dec")[0] == "parts"
    assert filters("decision:acc") == ["decision:accepted"]
    assert filters("is:undecided -rat") == ["is:undecided -rating:"]
    assert filters("is:undecided,dis") == ["is:undecided,disputed"]
    assert filters("label:") == [f"label:{label}"]
    assert filters("prompt:") == [f"prompt:{prompt}"]
    assert filters("job:") == ["job:job-1"]
    assert filters("reviewer:") == ["reviewer:anna"]
    assert filters("sort:label,-da") == ["sort:label,-date"]
    assert filters("tag:") == filters("nonsense:") == filters("seed:") == []
    assert words("review", "--filter=dec") == ["--filter=decision:"]


def test_the_dataset_that_the_line_names(xrays: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    xrays.rename("elsewhere")
    assert words("jobs", "show", "") == []
    assert words("jobs", "show", "--dataset", "elsewhere", "") == ["job-1"]
    assert words("review", "elsewhere", "--reviewer", "") == ["anna"]
    Path("../config.toml").write_text('dataset = "elsewhere"\n')
    assert words("jobs", "show", "") == ["job-1"]
    monkeypatch.setenv("XRAY_TUI_DATASET", "nowhere")
    assert words("jobs", "show", "") == []


def test_the_library_is_the_one_that_commands_choose(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = SimpleNamespace(options={})

    def assert_same() -> None:
        assert prompt_library(asked) == choose_library(load_settings()).path  # type: ignore[arg-type]

    assert_same()
    (folder.parent / "prompts.toml").touch()
    assert_same()
    Path("prompts.toml").touch()
    assert_same()
    Path("../config.toml").write_text('prompts = "~/set.toml"\n')
    assert_same()
    monkeypatch.setenv("XRAY_TUI_PROMPTS", "variable.toml")
    assert_same()


def test_nothing_is_created_or_changed(xrays: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in Path().rglob("*"))

    before = state()
    words("jobs", "show", "")
    words("jobs", "show", "--dataset", "new", "")
    words("generate", "--dataset", "new", "--label", "")
    assert state() == before
    (xrays / CATALOG).write_bytes(b"no database")
    assert words("jobs", "show", "") == []
    Path("dataset").rename("gone")
    assert words("jobs", "show", "") == []
    assert not Path("dataset").exists()


@pytest.mark.usefixtures("xrays")
def test_the_answer_for_each_shell() -> None:
    (described,) = (line for line in answer("fish", ["jobs", "show", ""]).splitlines()[1:])
    assert described.startswith("job-1\tqueued: ")
    assert "job-1:queued: " in answer("zsh", ["jobs", "show", ""])
    assert answer("bash", ["xray-tui jobs show "]) == "words\njob-1\n"
    assert answer("bash", ["xray-tui --theme=da"]) == "words\ndaylight\n"
    assert answer("bash", []).startswith("words\n")


def test_a_title_is_one_line(folder: Path) -> None:
    dataset = Dataset(folder / "dataset")
    dataset.queue.add(make_job([make_task(2)]))
    with dataset._database.transaction() as connection:
        connection.execute("UPDATE jobs SET title = 'a\nb\x1b[31m'")
    dataset.close()
    assert answer("fish", ["jobs", "show", ""]).splitlines()[1:] == ["job-1\tqueued: a b [31m"]


def test_a_catalog_that_is_being_written_delays_nothing(xrays: Path) -> None:
    holder = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "connection.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )

    with subprocess.Popen(
        [sys.executable, "-c", holder, str(xrays / CATALOG)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"held\n"
        assert words("jobs", "show", "") == []
        process.stdin.close()
