"""The files that the app remembers things in: whatever they hold, the app starts."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import PRIVATE, SESSION
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.session.state import (
    MAX_BYTES,
    PromptPane,
    Session,
    State,
    UserState,
    read_state,
    state_bytes,
)
from xray_tui.tui.session.state_file import StateFile
from xray_tui.tui.textual_internals import notifications

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
LINES = st.lists(TEXT, max_size=4).map(tuple)
PANES = st.builds(
    PromptPane, marks=LINES, cursor=LINES, collapsed=st.lists(LINES, max_size=3), filter=TEXT
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
SESSIONS = st.builds(
    Session,
    prompts=PANES,
    overrides=st.dictionaries(TEXT, VALUES, max_size=4),
    settings=st.dictionaries(TEXT, VALUES, max_size=4),
    filter=TEXT,
)
USERS = st.builds(
    UserState,
    theme=st.sampled_from([None, "daylight", "reading-room"]),
    advanced=st.booleans(),
    zoom=st.integers(-200, 200),
    auto_advance=st.booleans(),
    details=st.booleans(),
    hints_done=st.booleans(),
    lines=LINES,
)
JSON = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))


@given(SESSIONS | USERS)
def test_a_written_state_is_read(state: State) -> None:
    assert read_state(type(state), state_bytes(state)) == state


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused_with_a_reason(content: bytes) -> None:
    for kind in (Session, UserState):
        with pytest.raises(ValueError, match=r"damaged|version|larger|read"):
            read_state(kind, content)


@given(SESSIONS, st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_an_odd_value_gives_a_valid_state_or_is_refused(state: Session, data: Any) -> None:
    values = json.loads(state_bytes(state))
    values[data.draw(st.sampled_from(sorted(values)))] = data.draw(JSON)
    try:
        read = read_state(Session, json.dumps(values).encode())
    except ValueError:
        return
    assert Session.model_validate(read.model_dump()) == read


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is damaged"),
        (b"[" * 100_000, "it is damaged"),
        (b" " * (MAX_BYTES + 1), "it is larger than 1,000,000 bytes"),
        (b'{"version": 0}', "another version wrote it"),
        (b'{"version": 1, "filter": 3}', "filter cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_gives_defaults_and_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / PRIVATE).mkdir()
    (tmp_path / SESSION).write_bytes(content)
    memory = Memory(tmp_path)
    assert memory.session == Session()
    line = f"{tmp_path / SESSION}: {reason}; the app starts with its defaults"
    assert [*memory.problems] == [line]
    memory.remember(filter="label:odd")
    memory.finish()
    assert Memory(tmp_path).session.filter == "label:odd"


def test_keys_of_a_later_version_are_ignored() -> None:
    assert read_state(Session, b'{"version": 1, "new": 3, "filter": "a"}').filter == "a"


@pytest.mark.parametrize("obstacle", ["folder", "pipe", "no folder", "link"])
def test_nothing_that_is_in_the_way_stops_the_app(tmp_path: Path, obstacle: str) -> None:
    path = tmp_path / "away" / "state.json"
    if obstacle != "no folder":
        path.parent.mkdir()
    match obstacle:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to(tmp_path / "nowhere")
    file = StateFile(UserState, path)
    file.save(UserState(zoom=3))
    file.finish()
    assert file.value.zoom == 3
    assert not list(tmp_path.rglob("*.tmp"))
    assert (obstacle != "no folder") or not path.parent.exists()


def test_only_changes_are_written_and_the_last_writer_wins_whole(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    one, two = StateFile(UserState, path), StateFile(UserState, path)
    two.save(UserState(zoom=2, details=True))
    two.finish()
    one.save(UserState())  # as it was when it was read: no change
    one.finish()
    assert StateFile(UserState, path).value == UserState(zoom=2, details=True)
    one.save(UserState(zoom=1))
    one.finish()
    assert StateFile(UserState, path).value == UserState(zoom=1)


def test_fresh_forgets_the_session_but_not_the_lines(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).mkdir()
    memory = Memory(tmp_path)
    memory.remember(filter="label:odd")
    memory.remember_for_user(zoom=2, lines=("a line",))
    memory.finish()
    fresh = Memory(tmp_path, fresh=True)
    fresh.finish()
    assert fresh.session == Session() == Memory(tmp_path).session
    assert fresh.user == UserState(lines=("a line",)) == Memory(tmp_path).user


def test_a_memory_without_a_dataset_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    memory = Memory()
    memory.remember(filter="a")
    memory.remember_for_user(zoom=1)
    memory.finish()
    assert (memory.session.filter, memory.user.zoom) == ("a", 1)
    assert not list(tmp_path.iterdir())


async def test_the_review_alone_shows_that_a_file_is_damaged(tmp_path: Path) -> None:
    with closing(Dataset(tmp_path)) as dataset:
        (tmp_path / SESSION).write_text("{")
        app = ReviewApp(Settings(), dataset.desk("ann"), Memory(tmp_path))
        async with app.run_test() as pilot:
            await pilot.pause()
            shown = [notification.message for notification in notifications(app)]
            assert any("session.json: it is damaged" in text for text in shown)
