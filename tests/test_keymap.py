"""Keys that users choose in their settings are checked before the app starts."""

from __future__ import annotations

import string

import pytest

from xray_tui.chosen_keys import checked_keys
from xray_tui.config import Settings
from xray_tui.errors import SettingsError
from xray_tui.key_names import key_names, textual_name
from xray_tui.keymap import MEANINGS
from xray_tui.manual.pages import find_page
from xray_tui.manual.remapping import with_keys


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("g", "g"), ("G", "G"), ("shift+g", "G"), ("ctrl+G", "ctrl+g"), ("?", "question_mark"),
        ("+", "plus"), ("slash", "slash"), ("f5", "f5"), ("shift+f3", "shift+f3"),
        ("del", "delete"),
        ("ctrl+shift+up", "ctrl+shift+up"), ("alt+x", "alt+x"), ("alt+X", "alt+shift+x"),
        ("↑", "up"), ("esc", "escape"),
        ("5", "5"), ("", None), ("gg", None), ("ctrl+", None), ("ctrl+5", None), ("hyper+x", None),
        ("ctrl+ctrl+x", None), ("f25", None), ("ä", None), ("shift+?", None),
    ],
)  # fmt: skip
def test_keys_are_written_as_people_write_them(written: str, name: str | None) -> None:
    assert textual_name(written) == name
    if name is not None:
        assert textual_name(key_names(name)) == name


def test_every_key_of_the_keymap_and_every_sign_has_a_name() -> None:
    for meaning in MEANINGS.values():
        assert all(textual_name(key) == key for key in meaning.keys.split(","))
    assert all(textual_name(sign) for sign in string.punctuation)


def test_keys_are_given_to_actions_and_may_be_exchanged() -> None:
    chosen = {"generate": "ctrl+G", "toggle": "space, m ,space", "maximise": "v"}
    assert checked_keys(chosen) == {
        "generate": "ctrl+g", "toggle": "space,m", "maximise": "v"
    }  # fmt: skip
    assert checked_keys({"accept": "x", "reject": "p"}) == {"accept": "x", "reject": "p"}
    assert Settings(keys={"help": "?"}).keys == {"help": "question_mark"}
    assert Settings(keys={"help": "f4"}).with_flags(theme="daylight").keys == {"help": "f4"}


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"generat": "x"}, "generat: is not an action (did you mean generate?)"),
        ({"open": "o"}, "open: its keys, enter, cannot be changed"),
        ({"generate": "ctrl+5"}, 'generate = "ctrl+5": "ctrl+5" is not a key; use g, G'),
        ({"generate": ""}, 'generate = "": "" is not a key'),
        (
            {"generate": "p"},
            'generate = "p": p is the key of accept (accept the image; preview, review); '
            "give accept another key, too",
        ),
        (
            {"theme": "f9", "help": "f9"},
            'theme = "f9": f9 is the key of help (help: all keys; everywhere); '
            "give help another key, too",
        ),
        (
            {"accept": "k"},
            'accept = "k": k is the key of up (move up; everywhere) and cannot be changed; '
            "choose another key",
        ),
        ({"generate": "3"}, 'generate = "3": 3 is the key of stars (stars; right after'),
        ({"generate": "ctrl+c"}, 'generate = "ctrl+c": ctrl+c is for copying; choose another key'),
        ({"generate": "ctrl+i"}, "ctrl+i is the same as tab in a terminal; choose another key"),
    ],
)
def test_a_change_that_is_not_possible_is_refused_with_the_reason(
    chosen: dict[str, str], reason: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings().with_flags(keys=chosen)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_manual_names_the_chosen_keys() -> None:
    page = with_keys(find_page("keys").text, {"generate": "ctrl+g", "toggle": "space,m"})
    assert "| `ctrl+g` | Generate: queue the marked prompts |" in page
    assert "| `space` `m` | Mark: the prompt, or all in the branch |" in page
    assert (
        "| `ctrl+g` | generate: the marked prompts, or what targets still need | `generate` |"
        in page
    )
    assert "| r | Real" in page
    jobs = with_keys(find_page("first-image").text, {"generate": "ctrl+g"})
    assert "Press `ctrl+g`." in jobs and "`g`" not in jobs
    assert with_keys(jobs, {}) is jobs
    review = with_keys(find_page("review").text, {"reject": "f9"})
    assert "| `f9`, then a digit |" in review and "`x`" not in review
    assert "up to 9 tags for `f9` and a digit" in with_keys(
        find_page("settings").text, {"reject": "f9"}
    )
