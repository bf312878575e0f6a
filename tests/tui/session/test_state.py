"""The files that the app remembers things in: whatever they hold, the app starts."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
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
    PromptPane,
    marks=st.frozensets(TEXT, max_size=4),
    cursor=LINES,
    collapsed=st.frozensets(LINES, max_size=3),
    filter=TEXT,
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
    filters=st.dictionaries(TEXT, TEXT, max_size=2),
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
        (b'{"version": 1, "filters": 3}', "filters cannot be read"),
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
    memory.remember_filter("label:odd")
    memory.finish()
    assert Memory(tmp_path).filter == "label:odd"


def test_keys_of_a_later_version_are_ignored() -> None:
    content = b'{"version": 1, "new": 3, "filters": {"ann": "a"}}'
    assert read_state(Session, content).filters == {"ann": "a"}


def test_the_single_filter_of_earlier_versions_counts_until_a_reviewer_changes_it(
    tmp_path: Path,
) -> None:
    (tmp_path / PRIVATE).mkdir()
    (tmp_path / SESSION).write_text('{"version": 1, "filter": "rating>=3", "hints": true}')
    ann = Memory(tmp_path, "ann")
    assert ann.filter == "rating>=3" and ann.session.hints
    ann.remember(hints=False)  # changes another field
    ann.finish()
    ann = Memory(tmp_path, "ann")
    assert ann.filter == "rating>=3"
    ann.remember_filter("")
    ann.finish()
    assert Memory(tmp_path, "ann").filter == Memory(tmp_path, "ben").filter == ""


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
    file.change(lambda state: state.model_copy(update={"zoom": 3}))
    file.finish()
    assert file.value.zoom == 3
    assert not list(tmp_path.rglob("*.tmp"))
    assert (obstacle != "no folder") or not path.parent.exists()


def test_each_of_several_apps_changes_only_its_own_fields(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).mkdir()
    names = ("", "ann", "ben")
    app, ann, ben = memories = [Memory(tmp_path, name) for name in names]
    pane = PromptPane(marks=frozenset(["chest-normal"]))
    app.remember(prompts=pane, overrides={"steps": 9})
    app.remember_for_user(advanced=True, zoom=0)
    app.finish()
    ann.remember_filter("label:odd")
    ann.remember_for_user(zoom=2, details=False)
    ann.finish()
    ben.remember_filter("rating:5")
    ben.remember_for_user(zoom=0, details=True)
    for memory in memories:
        memory.finish()
    now = [Memory(tmp_path, name) for name in names]
    assert [memory.filter for memory in now] == ["", "label:odd", "rating:5"]
    assert (now[0].session.prompts, now[0].session.overrides) == (pane, {"steps": 9})
    assert now[0].user == UserState(advanced=True, zoom=2, details=True)
    ben.reset()
    ben.finish()
    now = [Memory(tmp_path, name) for name in names]
    assert [memory.filter for memory in now] == ["", "label:odd", ""]
    assert now[0].session.overrides == {"steps": 9}, "a review resets no form"


def test_two_apps_keep_the_parameters_marks_and_lines_of_each_other(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).mkdir()
    shared = {"seed": 3, "width": 64}
    first = Memory(tmp_path)
    first.remember(prompts=PromptPane(marks=frozenset("ab")), overrides=shared)
    first.finish()
    one, other = Memory(tmp_path), Memory(tmp_path)
    one.remember(prompts=PromptPane(marks=frozenset("abc")), overrides=shared | {"steps": 7})
    one.remember_line("a hand")
    one.finish()
    pane = PromptPane(marks=frozenset("bd"), collapsed=frozenset([("knee",)]))
    other.remember(prompts=pane, overrides={"seed": 5, "count": 2})  # no width now
    other.remember_line("a foot")
    other.finish()
    now = Memory(tmp_path)
    both = PromptPane(marks=frozenset("bcd"), collapsed=frozenset([("knee",)]))
    assert now.session.prompts == both
    assert now.session.overrides == {"seed": 5, "steps": 7, "count": 2}
    assert now.user.lines == ("a foot", "a hand")


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).mkdir()
    names = [f"reviewer-{number}" for number in range(8)]
    memories = [Memory(tmp_path, name) for name in names]
    for turn in range(5):
        for memory in memories:
            memory.remember_filter(f"seed:{turn}")
    for memory in memories:
        memory.finish()
    assert Memory(tmp_path).session.filters == dict.fromkeys(names, "seed:4")


def test_fresh_forgets_the_session_but_not_the_lines(tmp_path: Path) -> None:
    (tmp_path / PRIVATE).mkdir()
    memory = Memory(tmp_path)
    memory.remember_filter("label:odd")
    memory.remember(overrides={"steps": 9})
    memory.remember_for_user(zoom=2, lines=("a line",))
    memory.finish()
    fresh = Memory(tmp_path, fresh=True)
    assert fresh.session == Session()
    fresh.remember(overrides={})  # as the workbench does, which shows no changed parameter now
    fresh.finish()
    assert fresh.session == Session() == Memory(tmp_path).session
    assert fresh.user == UserState(lines=("a line",)) == Memory(tmp_path).user


def test_a_memory_without_a_dataset_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    memory = Memory()
    memory.remember_filter("a")
    memory.remember_for_user(zoom=1)
    memory.finish()
    assert (memory.filter, memory.user.zoom) == ("a", 1)
    assert not list(tmp_path.iterdir())


async def test_the_review_alone_shows_that_a_file_is_damaged(tmp_path: Path) -> None:
    with closing(Dataset(tmp_path)) as dataset:
        (tmp_path / SESSION).write_text("{")
        app = ReviewApp(Settings(), dataset.desk("ann"), Memory(tmp_path))
        async with app.run_test() as pilot:
            await pilot.pause()
            shown = [notification.message for notification in notifications(app)]
            assert any("session.json: it is damaged" in text for text in shown)
