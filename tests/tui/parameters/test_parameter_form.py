"""The parameter form: keys, defaults, overrides, and messages about invalid values."""

from __future__ import annotations

from typing import ClassVar

import pytest
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless
from textual import events
from textual.app import ComposeResult
from textual.widgets import Button, Static

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import GenerationParameters
from xray_tui.text import clean
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.parameters.advanced_row import AdvancedRow
from xray_tui.tui.parameters.parameter_field import UNKNOWN, FieldInput
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.parameters.parameter_row import CHANGED, ParameterRow
from xray_tui.tui.parameters.parameter_rows import Sizes
from xray_tui.tui.textual_internals import notifications


class Host(ThemedApp):
    """A form in a pane of a given size, with a button before and after."""

    CSS = "Screen { layout: horizontal; } Button { width: 8; min-width: 8; }"

    def __init__(
        self,
        width: int = 36,
        height: int = 12,
        theme: str = "reading-room",
        *,
        known: bool = True,
    ) -> None:
        super().__init__(theme)
        self._pane = (width, height)
        self._known = known

    def compose(self) -> ComposeResult:
        form = ParameterForm()
        form.styles.width, form.styles.height = self._pane
        yield Button("before", id="before")
        yield form
        yield Button("after", id="after")

    def on_mount(self) -> None:
        if self._known:
            self.show_defaults()
        self.row("count").editor.focus()

    def show_defaults(self, **changes: object) -> None:
        """Show the defaults of a prompt that has ``changes`` of its own."""
        self.form.show_defaults(GenerationParameters.build().model_dump() | changes)

    def focus(self, name: str) -> None:
        """Focus the row of a parameter."""
        self.screen.set_focus(self.row(name).editor)

    def on_parameter_form_changed(self, event: ParameterForm.Changed) -> None:
        self.messages.append(event)

    @property
    def form(self) -> ParameterForm:
        return self.query_one(ParameterForm)

    def row(self, name: str) -> ParameterRow:
        return self.query_one(f"#row-{name}", ParameterRow)

    @property
    def advanced(self) -> AdvancedRow:
        return self.query_one(AdvancedRow)

    @property
    def advanced_text(self) -> str:
        return str(self.advanced.render())

    @property
    def shown_keys(self) -> set[str]:
        """The keys that a footer shows."""
        return {active.binding.key for active in self.screen.active_bindings.values()}

    @property
    def help_text(self) -> str:
        return str(self.query_one("#help", Static).render())


def test_every_parameter_has_a_row_built_from_its_declaration() -> None:
    specs = field_specs()
    assert list(specs) == list(GenerationParameters.model_fields)
    assert specs["steps"].allowed == "1 to 200"
    assert specs["width"].optional and specs["width"].kind == "integer"
    assert specs["scheduler"].choices[0] == "dpm++-2m"
    for name, value in GenerationParameters.build().model_dump().items():
        assert specs[name].parse(specs[name].show(value)) == value


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("steps", "500", "not within 1 to 200"),
        ("steps", "9" * 5000, "not a whole number"),
        ("steps", "", "enter a value, 1 to 200"),
        ("guidance_scale", "nan", "not within"),
        ("guidance_scale", "two", "not a number, 0 to 30"),
        ("guidance_scale", "2,5", '"2,5" is not a number, 0 to 30; write 2.5'),
        ("steps", "4.5", '"4.5" is not a whole number, 1 to 200'),
        ("width", "65", "multiple of 8"),
        ("device", "tpu", "cuda"),
        ("scheduler", "zz", "not one of dpm++-2m, "),
        ("seed", "4294967296", "0 to 4294967295"),
    ],
)
def test_an_invalid_value_is_refused_in_one_sentence(name: str, text: str, reason: str) -> None:
    with pytest.raises(ParameterError, match=f"^{field_specs()[name].title}: ") as error:
        field_specs()[name].parse(text)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


async def test_only_changed_values_are_overrides() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert app.form.overrides == {}
        await pilot.press("down", "down", *"50", "down", *"3.5", "down", "right")
        await pilot.pause()
        assert app.form.overrides == {
            "scheduler": "dpm++-2m-karras",
            "steps": 50,
            "guidance_scale": 3.5,
        }
        assert app.last(ParameterForm.Changed).overrides == app.form.overrides
        assert app.row("steps").has_class("-changed")
        assert not app.row("width").has_class("-changed")


@pytest.mark.parametrize(
    ("row", "typed", "shown"),
    [("steps", "4.5", "4.5"), ("steps", "4,5", "4,5"), ("guidance_scale", "2,5", "2,5")],
)
async def test_a_decimal_mark_is_kept_where_it_is_wrong(row: str, typed: str, shown: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.row(row).editor.focus()
        await pilot.pause()
        await pilot.press(*typed, "enter")
        await pilot.pause()
        assert app.row(row).text == shown
        assert app.row(row).has_class("-wrong") and app.row(row).problem
        with pytest.raises(ParameterError, match=f'"{typed}" is not a'):
            _ = app.form.overrides


async def test_defaults_follow_the_prompt_but_overrides_stay() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", *"50")
        app.show_defaults(steps=30, guidance_scale=7.5, width=512, seed=None)
        await pilot.pause()
        assert app.form.overrides == {"steps": 50}
        assert app.row("guidance_scale").text == "7.5"
        assert app.row("width").text == "512"
        await pilot.press("escape", "delete")
        await pilot.pause()
        assert app.row("steps").text == "30"
        assert app.form.overrides == {}


async def test_a_typed_default_is_not_an_override_and_an_empty_field_means_the_default() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", *"50")
        await pilot.press("backspace", "backspace")
        await pilot.pause()
        assert app.form.overrides == {} and app.form.problem is None
        await pilot.press("down")
        await pilot.pause()
        assert app.row("steps").text == "20"


@pytest.mark.parametrize(
    ("keys", "left"),
    [(["backspace", "3", "0"], "30"), (["ctrl+u", "4"], "4"), (["5", "backspace", "6", "7"], "67")],
)
async def test_keys_without_a_pause_act_in_the_order_typed(keys: list[str], left: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.row("steps").text == left
        assert app.form.overrides == {"steps": int(left)}


async def test_new_defaults_do_not_disturb_typing() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down")
        await pilot.pause()
        await pilot.press("enter")
        app.show_defaults(steps=20)  # the text stays selected
        await pilot.press("backspace")
        app.row("steps").editor.value = "3"  # the change message has not arrived yet
        app.show_defaults(steps=25)
        await pilot.pause()
        assert app.form.overrides == {"steps": 3}


async def test_an_optional_field_can_be_emptied() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.show_defaults(seed=5)
        app.focus("seed")
        await pilot.press("enter", "backspace")
        await pilot.pause()
        assert app.form.overrides == {"seed": None}


async def test_an_invalid_value_is_marked_explained_and_blocks_all_overrides() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", *"500")
        await pilot.pause()
        assert app.form.problem is not None and app.form.problem.startswith("Steps: ")
        assert app.help_text == app.form.problem
        assert app.row("steps").has_class("-wrong")
        message = app.last(ParameterForm.Changed)
        assert message.overrides == {} and message.problem == app.form.problem
        with pytest.raises(ParameterError, match="Steps"):
            _ = app.form.overrides
        await pilot.press("escape", "ctrl+delete")
        await pilot.pause()
        assert app.form.problem is None and app.form.overrides == {}


class WithKeys(Host):
    """Notes the global keys that act."""

    BINDINGS: ClassVar = [(key, f"note('{key}')", key) for key in "gqPmt"] + [
        ("question_mark", "note('?')", "?"),
        ("f2", "note('f2')", "f2"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[str] = []

    def action_note(self, key: str) -> None:
        self.pressed.append(key)


async def test_global_keys_act_on_every_kind_of_row_that_is_not_edited_and_change_no_value() -> (
    None
):
    app = WithKeys()
    async with app.run_test() as pilot:
        app.form.advanced_open = True
        kinds = {(spec.kind, spec.choices != ()): name for name, spec in field_specs().items()}
        assert len(kinds) > 3
        for name in kinds.values():
            before = app.row(name).text
            app.focus(name)
            app.pressed.clear()
            await pilot.press(*"gqPmt", "question_mark", "f2")
            await pilot.press("ctrl+u", "ctrl+w", "ctrl+k", "x", "space", "r", "R")
            await pilot.pause()
            assert app.pressed == [*"gqPmt", "?", "f2"], name
            assert app.row(name).text == before
        assert app.form.overrides == {}


async def test_enter_edits_a_row_and_escape_leaves_it() -> None:
    app = WithKeys()
    async with app.run_test() as pilot:
        row = app.row("model")
        app.focus("model")
        await pilot.press("enter", *"gqP")
        assert row.text == "gqP" and not app.pressed  # what is typed replaces the text
        assert "done" in str(app.form.border_subtitle)
        await pilot.press("escape", "g")
        await pilot.pause()
        assert row.text == "gqP" and app.pressed == ["g"]
        assert "enter edit" in str(app.form.border_subtitle)
        await pilot.press("backspace")
        assert row.text == "bundled"
        await pilot.press("enter", "x", "down", "up", "q")  # leaving the row ends the edit
        assert row.text == "x" and app.pressed == ["g", "q"]
        await pilot.press("enter", "backspace", "enter")
        await pilot.pause()
        assert row.text == "bundled"  # nothing typed: the default
        app.post_message(events.Paste("pasted"))
        await pilot.pause()
        assert row.text == "bundled"


@pytest.mark.parametrize(("width", "height"), [(36, 11), (34, 20)])
async def test_the_help_of_every_row_is_read_whole(width: int, height: int) -> None:
    """The pane at 80×24 and at 120×36: the help was one line, and cut."""
    app = Host(width, height)
    async with app.run_test() as pilot:
        app.form.advanced_open = True
        for name in field_specs():
            app.focus(name)
            for _ in range(20):  # the form scrolls after it was laid out
                await pilot.pause()
                rows = app.query_one("#help", Static).region
                if app.row(name).region.bottom <= rows.y:
                    break
            assert the_help(app) == app.row(name).help
            assert app.row(name).region.bottom <= rows.y, "the row itself is in sight"
        app.set_focus(None)
        await pilot.pause()
        assert the_help(app) == f"{CHANGED} changed; rest from the prompt"


def the_help(app: Host) -> str:
    """The text below the rows, as it is seen."""
    rows = app.query_one("#help", Static).region
    lines = [line[rows.x : rows.right].strip() for line in screen_text(app.screen).splitlines()]
    return " ".join(lines[rows.y : rows.bottom]).strip()


async def test_the_footer_shows_only_keys_that_act() -> None:
    app = WithKeys()
    async with app.run_test() as pilot:
        app.focus("model")
        await pilot.pause()
        assert {"g", "delete", "enter"} <= app.shown_keys and "escape" not in app.shown_keys
        await pilot.press("enter")
        await pilot.pause()
        assert not {"g", "q"} & app.shown_keys
        assert "escape" in app.shown_keys


async def test_the_footer_says_what_enter_does_on_a_row_and_while_it_is_edited() -> None:
    app = WithKeys()
    async with app.run_test() as pilot:
        app.focus("model")
        for text in ("Edit", "Done", "Edit"):
            await pilot.pause()
            assert app.screen.active_bindings["enter"].binding.description == text
            await pilot.press("enter")


async def test_undo_and_redo_are_offered_only_if_there_is_something_to_undo() -> None:
    app = Host()
    async with app.run_test() as pilot:

        def offered() -> set[str]:
            found = described_bindings(app.screen)
            return {one.description for owner, one in found if owner.allows(one)} & {"Undo", "Redo"}

        assert offered() == set()
        await pilot.press("plus")
        await pilot.pause()
        assert offered() == {"Undo"}
        await pilot.press("z")
        assert offered() == {"Redo"}
        await pilot.press("Z")
        assert offered() == {"Undo"}
        await pilot.press("z", "z")  # the key still says why nothing happens
        await pilot.pause()
        assert "Nothing to undo in the form" in [one.message for one in notifications(app)]


async def test_a_click_edits_a_row() -> None:
    app = WithKeys()
    async with app.run_test() as pilot:
        await pilot.click("#row-steps FieldInput")
        assert app.focused is app.row("steps").editor
        await pilot.press("end", "backspace", "5")
        assert app.row("steps").text == "25"


async def test_letters_in_number_fields_reach_the_key_bindings() -> None:
    app = WithKeys()
    async with app.run_test() as pilot:
        await pilot.press("down", "g", "down", "g", "-", *"5x5")
        await pilot.pause()
        assert app.pressed == ["g", "g"]
        assert app.row("steps").text == "55"  # a digit replaces the value, and "x" is ignored


async def test_values_can_be_changed_without_typing_them() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.show_defaults(width=256)
        app.focus("width")
        await pilot.press("plus")
        assert app.row("width").text == "264"
        app.focus("guidance_scale")
        await pilot.press("minus")
        assert app.row("guidance_scale").text == "1.5"
        app.focus("batch_size")
        await pilot.press(*["minus"] * 6)
        assert app.row("batch_size").text == "1"
        app.focus("seed_mode")
        await pilot.press("left")
        assert app.row("seed_mode").text == "random"
        await pilot.press("enter", "up", "enter")
        await pilot.pause()
        assert app.row("seed_mode").text == "fixed"


async def test_known_models_are_suggested() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.form.show_models(
            dict.fromkeys(["bundled", "owner/xray-large", "/data/\x1b[31mbad"], Sizes(8))
        )
        app.focus("model")
        await pilot.press("enter", *"own", "right")
        await pilot.pause()
        assert app.form.overrides == {"model": "owner/xray-large"}
        await pilot.press("enter", "plus")
        await pilot.pause()
        assert app.form.overrides == {}  # back to the default


async def test_a_size_is_checked_for_the_model_in_the_form() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.form.set_override("height", 72)
        assert app.form.problem is None
        app.form.show_models({"bundled": Sizes(16, 256, 256), "other": Sizes(8)})
        assert str(app.form.problem).endswith(
            '"72": model bundled needs a multiple of 16, for example 64'
        )
        app.form.set_override("model", "other")
        await pilot.pause()
        assert app.form.problem is None
        app.row("height").step(1)
        assert app.row("height").text == "80"
        app.form.set_override("model", "bundled")
        await pilot.pause()
        app.row("height").step(1)
        assert app.row("height").text == "96"
        for step, side in ((1, "272"), (-1, "240")):  # from what an empty field stands for
            app.row("width").put("")
            app.row("width").step(step)
            assert app.row("width").text == side


async def test_arrows_cycle_through_the_fields_and_tab_leaves_the_pane() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("up")
        assert app.focused is app.advanced
        await pilot.press("down", "down")
        assert app.focused is app.row("seed").editor
        app.form.advanced_open = True
        for key, end in (("pageup", "count"), ("pagedown", "device")):
            for field in ("model", "steps", "scheduler"):  # a text, a number, a choice
                app.focus(field)
                await pilot.press(key)
                assert app.focused is app.row(end).editor, (key, field)
        app.focus("scheduler")
        await pilot.press("tab")
        assert app.focused is not None and app.focused.id == "after"
        app.form.focus()
        await pilot.pause()
        assert app.focused is app.row("scheduler").editor
        await pilot.press("shift+tab")
        assert app.focused.id == "before"


async def test_the_help_line_explains_the_field() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down")
        await pilot.pause()
        assert "denoising steps" in app.help_text and "1 to 200" in app.help_text


async def test_hostile_text_is_shown_harmlessly() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.show_defaults(model=HOSTILE, negative_prompt=HOSTILE)
        app.form.show_models({HOSTILE: Sizes(8), "bundled": Sizes(16)})
        await pilot.pause()
        assert app.form.overrides == {}
        assert app.row("model").text == clean(HOSTILE)
        app.focus("device")
        await pilot.press("enter", *"[/red]")
        await pilot.pause()
        assert "[/red]" in app.help_text
        assert_harmless(app)


async def test_advanced_opens_closes_and_says_what_is_changed_in_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("up", "enter")
        assert app.form.advanced_open and "▾ Advanced" in app.advanced_text
        await pilot.press("down", *"128", "down", *"1000", "escape", "down", "plus")
        await pilot.pause()
        assert app.form.problem is None and app.form.overrides["height"] == 1000
        app.form.advanced_open = False  # the focus is on a row that is hidden now
        await pilot.pause()
        assert app.focused is app.advanced
        assert "▸ Advanced · 3 changed" in app.advanced_text
        await pilot.press("enter", "down", *"3")
        app.form.advanced_open = False
        await pilot.pause()
        assert "1 not valid" in app.advanced_text and "Width" in app.help_text
        await pilot.press("tab")
        app.form.focus()
        await pilot.pause()
        assert app.focused is app.advanced


async def test_changes_are_undone_and_redone_step_by_step() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(*"200", "enter", "down", "down", "plus", "plus", "plus", "-")
        await pilot.press("enter", *"50", "enter", "down", "down", "right", "right", "ctrl+delete")
        await pilot.pause()
        states = [
            {"count": 200, "steps": 50, "scheduler": "dpm++-2m-sde"},
            {"count": 200, "steps": 50},
            {"count": 200, "steps": 22},
            {"count": 200},
            {},
        ]
        assert app.form.overrides == {}
        for state in states:
            await pilot.press("z")
            await pilot.pause()
            assert app.form.overrides == state
        await pilot.press("z")  # nothing left
        for state in [*reversed(states[:-1]), {}]:
            await pilot.press("Z")
            await pilot.pause()
            assert app.form.overrides == state
        app.focus("steps")
        await pilot.press("z", "z", "z", "5", "z")  # the last z ends the edit, and undoes it
        await pilot.pause()
        assert app.form.overrides == states[2]


async def test_a_change_stays_where_another_prompt_has_the_same_default() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "down", *"50", "enter")
        app.show_defaults(steps=50)
        app.show_defaults(steps=14)
        await pilot.pause()
        assert app.form.overrides == {"steps": 50} and app.row("steps").text == "50"


async def test_unknown_values_are_shown_as_unknown() -> None:
    app = Host(height=26, known=False)
    async with app.run_test() as pilot:
        app.form.advanced_open = True
        await pilot.pause()
        for row in app.query(ParameterRow):
            label, value = row.query(Static)[0], row.editor
            assert str(label.render()).strip() in (row.spec.title, row.spec.short_title)
            shown = value.placeholder if isinstance(value, FieldInput) else value.value
            assert shown == UNKNOWN
        assert app.form.overrides == {}
        app.show_defaults()
        await pilot.pause()
        assert app.row("scheduler").text == "dpm++-2m" and app.form.overrides == {}


async def test_help_takes_few_rows_of_a_short_pane_and_its_place_in_a_high_one() -> None:
    app = Host(width=50, height=44)
    async with app.run_test(size=(80, 44)) as pilot:
        await pilot.press("down", "down", *"500")
        await pilot.pause()
        assert not app.query_one("#help").display
        helps = [row.query_one(".row-help", Static) for row in app.query(ParameterRow)]
        assert all(line.size.height for line in helps[:6])
        assert "not within 1 to 200" in str(helps[2].render())
        app.form.styles.height = 11
        await pilot.press("backspace", "backspace", "5", "up")
        await pilot.pause()
        assert app.query_one("#help").size.height == 3  # as the form has the focus
        assert len([line for line in app.query_one("#rows").children if line.region.y < 11]) >= 7


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((36, 11), "reading-room"),
        ((34, 26), "daylight"),
        ((26, 14), "reading-room"),
        ((50, 44), "reading-room"),
    ],
)
def test_the_form_looks_right(snap_compare, size: tuple[int, int], theme: str) -> None:
    keys = ["up", "enter", "end", "down", *"128", "pageup", "up", "up", "right", "right"]
    keys += ["down", "enter", "up", "up", "up", "up", *"500"]
    assert snap_compare(Host(*size, theme), press=keys, terminal_size=(66, size[1]))


def test_an_open_form_looks_right(snap_compare) -> None:
    keys = ["up", "enter", "down", *"100", "escape", "down"]
    assert snap_compare(Host(50, 44), press=keys, terminal_size=(66, 44))
