"""The shown commands that generate, as installed; ``.ci/run`` runs these slow tests, too."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

import pytest
from support.advice import advised
from support.documented_commands import blocks_of
from support.fake_hub import FakeHub, files_of, serving
from support.installation import Account
from support.installed_lines import BACKGROUND, GENERATING, assert_as_documented
from support.terminal import CommandTerminal
from support.tiny import build_tiny

from xray_tui.manual.pages import find_page

pytestmark = pytest.mark.slow

OpenTerminal = Callable[..., CommandTerminal]


@pytest.mark.parametrize("line", GENERATING)
def test_a_command_that_generates_works(account: Account, line: str) -> None:
    assert_as_documented(account, line)


def test_a_job_in_the_background_is_watched_and_paused_in_the_app(
    account: Account, open_terminal: OpenTerminal
) -> None:
    (block,) = (text for text in blocks_of(find_page("jobs").text, "sh") if "nohup" in text)
    line, app = block.splitlines()
    assert [line] == BACKGROUND
    job = open_terminal(account, f"{line} echo its id is $!; wait")
    job.wait_for("its id is")
    (found,) = re.findall(r"its id is (\d+)", job.text)
    terminal = open_terminal(account, app)
    terminal.wait_for(lambda text: re.search(r"[1-9]\d*/10500", text) is not None)
    terminal.press("P")  # in any pane
    terminal.wait_for("PAUSED")
    terminal.press("q")
    assert terminal.wait_for_end() == 0, terminal.text
    assert "The queue is paused" in account.run("xray-tui jobs list --dataset ~/xrays").stdout
    os.kill(int(found), signal.SIGTERM)
    job.wait_for_end()
    assert "interrupted" in account.run("xray-tui jobs list --dataset ~/xrays").stdout
    assert account.run("xray-tui verify ~/xrays").returncode == 0


def test_a_downloaded_model_is_listed_and_generates(account: Account) -> None:
    """The three commands of the manual, with a hub on this machine."""
    (block,) = (text for text in blocks_of(find_page("models").text, "sh") if "download" in text)
    tiny = files_of(build_tiny(account.home / "tiny"))
    with serving(FakeHub(tiny)) as hub:
        account.extra["HF_ENDPOINT"] = hub.url
        done = account.run(f"set -e\n{block}".replace("OWNER/NAME", "owner/name"))
    assert done.returncode == 0, done.stdout
    advised("Use it with: --model ", done.stdout)  # as the last command of the block does
    assert "owner/name" in done.stdout and "21 generated" in done.stdout
