"""Every command in environments where something is missing, closed, odd or full of garbage.

A command either works, or says in one sentence what is wrong and exits with code 2.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset

COMMANDS = (
    "prompts check",
    "--help",
    "verify",
    "jobs list",
    "models list",
    "reviews list",
    "help first-image",
    "prompts list",
    "rebuild",
    "",
    "review",
)
GENERATE = "generate knee-healthy --steps 1 --size 64x64 --seed 1"
NOBODY = 65534


@dataclass(frozen=True)
class Surroundings:
    """What a command is started in."""

    variables: Mapping[str, str | bytes | None] = field(default_factory=dict)
    """Variables that are set, or with None unset. ``{folder}`` is the test's own folder."""
    script: str = 'exec "$@"'
    """How ``sh`` starts the command."""
    powerless: bool = False
    """Whether root must lose the right to enter every folder."""


def variable(name: str, *values: str | bytes | None) -> Iterator[tuple[str, Surroundings]]:
    for value in values:
        yield f"{name}={value!r}", Surroundings({name: value})


ENVIRONMENTS: dict[str, Surroundings] = {
    **dict(
        variable("HOME", None, "", "/nonexistent", "relative", "/dev/null", "a\nb", b"/tmp/\xff")
    ),
    **dict(variable("XDG_CONFIG_HOME", "", "relative", "/nonexistent", "/dev/null", "~")),
    **dict(variable("XDG_CACHE_HOME", "", "/nonexistent", "/dev/null", "/proc")),
    **dict(variable("LOGNAME", "", "\x1b[31m", "x" * 100, b"\xff")),
    **dict(variable("LC_ALL", "C", "POSIX", "xx_YY.nonsense", "de_DE.ISO-8859-1", b"\xff")),
    **dict(variable("PYTHONIOENCODING", "ascii", "latin-1:strict", "utf-16", "cp037")),
    **dict(variable("COLUMNS", "", "0", "-5", "abc", "1", "99999999999")),
    **dict(variable("LINES", "0", "abc", "99999999999")),
    **dict(variable("TERM", None, "", "dumb", "vt100", "nonsense", "\x1b[31m", b"\xff")),
    **dict(variable("COLORTERM", "nonsense")),
    **dict(variable("PYTHONOPTIMIZE", "1", "2")),
    **dict(variable("PYTHONUNBUFFERED", "1")),
    **dict(variable("TZ", "Mars/Olympus", "")),
    **dict(variable("TMPDIR", "/nonexistent")),
    **dict(variable("HF_HOME", "/nonexistent", "/dev/null")),
    **dict(variable("HF_HUB_OFFLINE", "nonsense")),
    **dict(variable("XRAY_TUI_CONFIG", "")),
    **dict(variable("PATH", "")),
    "strict C locale": Surroundings({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "no variables": Surroundings(script='exec env -i "$@"'),
    "stdin closed": Surroundings(script='exec "$@" <&-'),
    "stdout closed": Surroundings(script='exec "$@" >&-'),
    "stderr closed": Surroundings(script='exec "$@" 2>&-'),
    "all streams closed": Surroundings(script='exec "$@" <&- >&- 2>&-'),
    "stdout full": Surroundings(script='exec "$@" >/dev/full'),
    "stderr full": Surroundings(script='exec "$@" 2>/dev/full'),
    "stdin empty": Surroundings(script='exec "$@" </dev/null'),
    "nobody reads stdout": Surroundings(script='"$@" | true'),
    "deleted folder": Surroundings(script='mkdir gone; cd gone; rmdir ../gone; exec "$@"'),
    "folder that may not be entered": Surroundings(
        script='cd closed; chmod 0 ../closed; exec "$@"', powerless=True
    ),
    "home of another user": Surroundings({"HOME": "{folder}/private"}, powerless=True),
    "downloads of another user": Surroundings({"HF_HOME": "{folder}/private"}, powerless=True),
    "dataset is a dangling link": Surroundings({"XRAY_TUI_DATASET": "{folder}/dangling"}),
    "few open files": Surroundings(script='ulimit -n 24; exec "$@"'),
    "no files may be written": Surroundings(script='trap "" XFSZ; ulimit -f 0; exec "$@"'),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with one image."""
    root = tmp_path_factory.mktemp("original") / "dataset"
    dataset = Dataset(root)
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.close()
    return root


def start(surroundings: Surroundings, command: str, folder: Path, original: Path) -> str:
    """Run ``command`` in a folder of its own; returns what is wrong with its ending, or nothing."""
    folder.mkdir(parents=True)
    shutil.copytree(original, folder / "dataset")
    (folder / "dangling").symlink_to("/nonexistent/disk")
    (folder / "closed").mkdir()
    (folder / "private").mkdir(mode=0o700)
    (folder / "private" / ".config" / "xray-tui").mkdir(parents=True)
    (folder / "private" / ".config" / "xray-tui" / "config.toml").write_text("nonsense")
    if os.getuid() == 0:
        os.chown(folder / "private", NOBODY, NOBODY)
    else:
        (folder / "private").chmod(0)
    variables: dict[str, str | bytes] = {**os.environ, "HOME": str(folder)}
    for name, value in surroundings.variables.items():
        variables.pop(name, None)
        if value is not None:
            is_text = isinstance(value, str)
            variables[name] = value.replace("{folder}", str(folder)) if is_text else value
    shell = ["/bin/sh", "-c", surroundings.script, "sh", sys.executable, "-m", "xray_tui"]
    if surroundings.powerless and os.getuid() == 0:
        shell = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", *shell]
    run = subprocess.run(
        [*shell, *command.split()],
        cwd=folder,
        env=variables,
        capture_output=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    (folder / "private").chmod(0o700)  # so that it can be removed
    errors = run.stderr.decode(errors="replace").replace("\0", "")
    lines = [line for line in errors.splitlines() if line.strip()]
    allowed = {0, 1, 2} if command.startswith(("verify", "generate")) else {0, 2}
    if "Traceback" in errors or "Exception ignored" in errors:
        return f"a traceback: {errors}"
    if run.returncode not in allowed:
        return f"exit code {run.returncode}: {errors}"
    if run.returncode == 2 and len(lines) > 1:
        return f"more than a sentence: {errors}"
    return ""


def check(name: str, commands: tuple[str, ...], folder: Path, original: Path) -> None:
    surroundings = ENVIRONMENTS[name]
    if surroundings.powerless and os.getuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may enter every folder")
    folders = [folder / str(number) for number in range(len(commands))]
    with ThreadPoolExecutor(2) as pool:
        starts = zip(commands, folders, strict=True)
        problems = list(
            pool.map(lambda pair: start(surroundings, pair[0], pair[1], original), starts)
        )
    wrong = [f"xray-tui {c}: {p}" for c, p in zip(commands, problems, strict=True) if p]
    assert not wrong, "\n".join(wrong)


def sampled() -> list[str]:
    """The first and the last value of each variable, and all that is no variable."""
    kinds: dict[str, list[str]] = {}
    for name in ENVIRONMENTS:
        kinds.setdefault(name.partition("=")[0], []).append(name)
    return [name for names in kinds.values() for name in dict.fromkeys((names[0], names[-1]))]


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(number, name, marks=pytest.mark.slow if number % 4 else ())
        for number, name in enumerate(sampled())
    ],
)
def test_a_command_works_or_says_what_is_wrong(
    number: int, name: str, tmp_path: Path, original: Path
) -> None:
    """Environments with one of the commands, in turns; the next test tries all pairs."""
    check(name, (COMMANDS[number % len(COMMANDS)],), tmp_path, original)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_command_works_or_says_what_is_wrong(
    name: str, tmp_path: Path, original: Path
) -> None:
    check(name, (*COMMANDS, GENERATE), tmp_path, original)
