"""What the shown commands need before they run as installed, and how each must end."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from support.blind_samples import BlindItem, SessionRequest, make_session
from support.dataset_samples import make_job, make_task
from support.documented_commands import DOCUMENTS, blocks_of, examples_of, help_texts, lines_of
from support.installation import Account
from support.job_states import bring_to

from xray_tui.dataset.dataset import Dataset
from xray_tui.manual.pages import find_page

CANNOT_RUN = {
    r"python3 -m venv .*": ".ci/run runs README's command that sets up and tests",
    r"\.venv/bin/pip install \.": "downloads the libraries; part of README's command",
}
"""Lines that are not run, by pattern, with the reason."""


@dataclass(frozen=True)
class Ending:
    """How a command ends that does not simply succeed."""

    code: int
    text: str
    """Part of its output."""


_WITH_PYARROW = (
    Ending(0, "") if find_spec("pyarrow") else Ending(2, "pip install 'xray-tui[parquet]'")
)
ENDINGS = {
    "xray-tui export parquet ~/parquet": _WITH_PYARROW,
    "xray-tui reviews": Ending(2, "Commands:"),  # names a group of commands, whose help it prints
    # These name a command: what is missing is reported.
    "xray-tui models download": Ending(2, "{MODEL}"),
    "xray-tui export": Ending(2, "Missing argument 'FORMAT'"),
    "xray-tui models download OWNER/NAME": Ending(2, "cannot be reached"),
    "xray-tui reproduce image.png --dtype bfloat16": Ending(1, "bfloat16 instead of float32"),
    # They ask; nobody answers here.
    "xray-tui purge": Ending(2, "add --yes"),
    "xray-tui purge --empty-trash": Ending(2, "add --yes"),
    "xray-tui generate --model OWNER/NAME --guidance 7": Ending(2, "models download owner/name"),
}
PLACEHOLDERS = {"JOB": "job-1", "SESSION": "first", "OWNER/NAME": "owner/name"}


def a_job(account: Account) -> None:
    """A queued job with one failed image; ``jobs`` can be tried with it."""
    dataset = Dataset(account.folder / "dataset")
    tasks = [make_task(seed) for seed in (1, 2)]
    dataset.queue.add(make_job(tasks))
    bring_to(dataset.queue, "job-1", "queued")
    dataset.queue.set_task_states("job-1", [tasks[0].id], "failed", "no memory")
    dataset.close()


def a_failed_job(account: Account) -> None:
    """The same after its end."""
    a_job(account)
    dataset = Dataset(account.folder / "dataset")
    bring_to(dataset.queue, "job-1", "failed")
    dataset.close()


def reviews(account: Account) -> None:
    """Anna and bob have decided on all images; a dataset and a file of other machines are here."""
    dataset = Dataset(account.folder / "dataset")
    records = [record.id for record in dataset.catalog.records()]
    for reviewer in ("anna", "bob"):
        dataset.desk(reviewer).set_decision(records, "accepted")
    dataset.close()
    shutil.copytree(account.folder / "dataset", account.folder / "other-dataset")
    shutil.copy(account.folder / "dataset/.xray-tui/reviews.jsonl", account.folder / "anna.jsonl")


def rejected_images(account: Account) -> None:
    """One rejected image was purged, and another one was not."""
    dataset = Dataset(account.folder / "dataset")
    desk = dataset.desk("anna")
    for record in dataset.catalog.records(limit=2):
        desk.purging.purge()
        desk.set_decision([record.id], "rejected")
    dataset.close()


def a_blind_reading(account: Account) -> None:
    """A blind reading of the images."""
    root = account.folder / "dataset"
    dataset = Dataset(root)
    items = [
        BlindItem(record.task.id, record.file, record.task.region, record.task.label)
        for record in dataset.catalog.records()
    ]
    dataset.close()
    make_session(root, SessionRequest("first", len(items)), items)


def own_prompts(account: Account) -> None:
    """./prompts.toml is the example of the manual."""
    (example,) = (text for text in blocks_of(find_page("prompts").text, "toml") if "id =" in text)
    (account.folder / "prompts.toml").write_text(example, encoding="utf-8")


def a_table(account: Account) -> None:
    """./reports.csv is the example of the manual."""
    (example,) = blocks_of(find_page("tables").text, "csv")
    (account.folder / "reports.csv").write_text(example, encoding="utf-8")


def a_copied_image(account: Account) -> None:
    """./image.png is one of the images."""
    image, *_ = sorted((account.folder / "dataset").glob("*/*/*.png"))
    shutil.copy(image, account.folder / "image.png")


def a_copy_without_private_folder(account: Account) -> None:
    """As the manual describes it."""
    account.run("mkdir copy && cp -r ~/xrays/* copy")


def an_interrupted_job(account: Account) -> None:
    """A job of 12 images was stopped after the first ones."""
    account.run(
        """
        xray-tui generate chest-normal-adult --count 12 --seed 90 > log 2>&1 &
        until compgen -G "dataset/*/*/*_90_*.png"; do sleep 0.1; done
        kill %1; wait
        """
    )
    assert "interrupted" in account.run("xray-tui jobs list").stdout


def a_model_folder(account: Account) -> None:
    """~/models/roentgen is a checkpoint, with the bundled weights; it is tried with one prompt."""
    own_prompts(account)
    (bundled,) = account.installed.glob("lib/python*/site-packages/xray_tui/models/bundled")
    shutil.copytree(bundled, account.home / "models" / "roentgen")


def no_network(account: Account) -> None:
    """Nothing answers at the hub's address, whether this machine has a network or not."""
    account.extra["HF_ENDPOINT"] = "http://127.0.0.1:9"


PREPARATIONS: dict[str, Callable[[Account], None]] = {
    r"jobs retry": a_failed_job,
    r"jobs (show|pause|resume|cancel|clear|list)": a_job,
    r"reviews \w+|xray-tui (export|stats|sheet)": reviews,
    r"purge": rejected_images,
    r"blind \w+": a_blind_reading,
    r"prompts.toml": own_prompts,
    r"reports.csv": a_table,
    r"reproduce image.png": a_copied_image,
    r"generate --resume": an_interrupted_job,
    r"rebuild copy": a_copy_without_private_folder,
    r"~/models/roentgen": a_model_folder,
    r"models download": no_network,
}
"""What must exist before a line that has the pattern."""


def prepare(account: Account, line: str) -> str:
    """Make what ``line`` needs; returns the line with names in place of OWNER/NAME and the like."""
    for pattern, make in PREPARATIONS.items():
        if re.search(pattern, line):
            make(account)
            break
    for word, name in PLACEHOLDERS.items():
        line = line.replace(word, name)
    return line


def assert_as_documented(account: Account, line: str) -> None:
    """Run ``line`` with all it needs; it ends as its entry in ``ENDINGS`` says, or with 0."""
    done = account.run(prepare(account, line), seconds=400)
    ending = ENDINGS.get(line, Ending(0, ""))
    assert done.returncode == ending.code, done.stdout
    assert ending.text in done.stdout
    assert "Traceback" not in done.stdout


def _once(lines: list[str]) -> list[str]:
    """``lines`` without those that differ from an earlier one only in ``.venv/bin/``."""
    found: dict[str, str] = {}
    for line in lines:
        found.setdefault(line.removeprefix(".venv/bin/"), line)
    return list(found.values())


def _cannot_run(line: str) -> bool:
    return any(re.fullmatch(pattern, line) for pattern in CANNOT_RUN)


ALL = [line for page in DOCUMENTS for line in lines_of(page.read_text(encoding="utf-8"))]
ALL += [line for text in help_texts().values() for line in examples_of(text)]
LINES = [line for line in _once(ALL) if not _cannot_run(line)]

APP = re.compile(
    r"(\w+=\S+ )*(\.venv/bin/)?xray-tui( review( .*)?|( --(dataset|preview) \S+| --fresh)*)"
)
"""Lines that open the app or the review."""
SLOW = re.compile(r"(nohup )?(\.venv/bin/)?xray-tui (generate|reproduce|doctor)|python -m torch")
"""Lines that import torch; most of them generate many images."""

IN_TERMINAL = [line for line in LINES if APP.fullmatch(line)]
ASKING = [line for line in LINES if re.search(r"xray-tui rebuild(?!.* --yes)", line)]
"""Lines that ask a question."""
GENERATING = [line for line in LINES if SLOW.match(line) and not line.endswith("&")]
BACKGROUND = [line for line in LINES if line.endswith("&")]
PLAIN = [line for line in LINES if line not in {*IN_TERMINAL, *ASKING, *GENERATING, *BACKGROUND}]
