"""The base of both apps: themes, command palette, order of keys, errors, and how the app ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.console import RenderableType
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.events import Event, Key, Paste
from textual.filter import LineFilter
from textual.message_pump import MessagePump
from textual.notifications import Notify
from textual.screen import Screen
from textual.widgets import Input, TextArea
from textual.worker import WorkerFailed

from xray_tui import environment
from xray_tui.config import Settings
from xray_tui.keymap import key_of, use_keys
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.crash_report import CrashReport
from xray_tui.tui.first_frame import FirstFrame
from xray_tui.tui.held_keys import HeldKeys, TakesKeys
from xray_tui.tui.output.paint_timer import PaintTimer
from xray_tui.tui.palette import PaletteCommands, key_commands, latest_first
from xray_tui.tui.pictures.choice import picture_commands
from xray_tui.tui.session.memory import Memory, Remembering
from xray_tui.tui.sixteen_colours import SixteenColours
from xray_tui.tui.terminal_driver import GuardedDriver
from xray_tui.tui.textual_internals import (
    end_at_once,
    mend_textual,
    notifications,
    raised_in_callback,
    show_toasts,
    survive_exceptions,
    time_paints,
)
from xray_tui.tui.theme import DAYLIGHT, READING_ROOM, THEMES

CRASHED = 70
"""The exit code after an error in the program (EX_SOFTWARE of sysexits.h)."""


mend_textual()
time_paints(PaintTimer)


class BaseApp(FirstFrame):
    """An app with the themes of xray-tui. Without a ``memory``, it remembers nothing."""

    TITLE = "xray-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    HELP_TITLE = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Without priority, a dialog would hide this key: Textual checks only the dialog's own.
        bound("manual", "manual", "Manual", tooltip="about the focused pane", priority=True),
        bound("help", "help", "Help", tooltip="all keys"),
        bound("theme", "switch_theme", "Theme", show=False, tooltip="dark or light"),
        bound(
            "suspend",
            "suspend_process",
            "Suspend",
            tooltip="back to the shell; fg resumes",
            show=False,
            priority=True,
        ),
    ]
    SUSPENDED_SCREEN_CLASS = "-below"
    ALLOW_IN_MAXIMIZED_VIEW = "KeyFooter"
    NOTIFICATION_TIMEOUT = 4
    RESETS = "form, marks, filters and views"
    """What *Reset session* shows as on the first start."""
    COMMANDS = {PaletteCommands}  # noqa: RUF012

    def __init__(self, settings: Settings, memory: Memory | None = None) -> None:
        super().__init__(driver_class=GuardedDriver)
        self._settings = settings
        self.memory = memory or Memory()
        self.keys = settings.keys
        """The keys that the user gave to meanings of the keymap."""
        self.set_keymap(settings.keys)
        use_keys(settings.keys)
        self._used_commands: list[str] = []
        """Titles of commands of the palette, the latest used first."""
        self.when_ending: Callable[[int], object] = lambda _: None
        """Called with the exit code as soon as there is a reason to end."""
        self._errors: CrashReport | None = None
        self._signalled = False
        for known in THEMES:
            self.register_theme(known)
        self._held_keys = HeldKeys(self, self._handle_key)
        few_colours = self.console.color_system == "standard"
        self._replacing = {known.name: SixteenColours(known) for known in THEMES if few_colours}
        self.theme = self.memory.theme(settings)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """On a terminal with 16 colours, also one that replaces the theme's colours."""
        filters = super().get_line_filters()
        return [*filters, self._replacing[self.theme]] if self._replacing else filters

    async def on_event(self, event: Event) -> None:
        """Let each key act before the next one is handled."""
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self._held_keys.take(event)
        else:
            await super().on_event(event)

    def watch_app_focus(self, focus: bool) -> None:
        """Focus a pane or field if the screen opened while the terminal had no focus."""
        screen = self.screen
        wanted = self.AUTO_FOCUS if screen.AUTO_FOCUS is None else screen.AUTO_FOCUS
        if focus and wanted and screen.focused is None:
            screen.set_focus(next((one for one in screen.query(wanted) if one.focusable), None))

    async def _handle_key(self, event: Key | Paste) -> None:
        self.app_focus = True  # as in tmux while no client is attached: typing needs no report
        taken = isinstance(event, Key) and (
            self.take_in_small_window(event.key) or self._take_first(event.key)
        )
        if not taken:
            await super().on_event(event)

    def _take_first(self, key: str) -> bool:
        screen = self.screen
        if isinstance(self.focused, Input) or not isinstance(screen, TakesKeys):
            return False
        return screen.take_key_first(key)

    def on_notify(self, event: Notify) -> None:
        """Replace the last toast by a newer one; otherwise fast keys would fill the screen."""
        if event.notification.severity == "information":
            shown = notifications(self)
            for older in list(shown):
                if older.severity == "information":
                    del shown[older]

    def report_problem(self, text: str) -> None:
        """Show ``text`` as a toast. Any thread may call this, also before the app runs."""
        self.notify(clean(text), severity="error", markup=False)

    def push_screen(self, *arguments: Any, **options: Any) -> Any:
        """Open a screen; it shows the toasts that the screen below, which hides them now, has."""
        opened = super().push_screen(*arguments, **options)
        self.screen.call_after_refresh(show_toasts, self)
        return opened

    def stop_work(self) -> None:
        """Stop all work in the background; called when a signal ends the app."""

    def action_leave(self) -> None:
        """Leave the app."""
        self.exit()

    def action_command_palette(self) -> None:
        """Open the command palette, unless it is open, perhaps below another screen."""
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            # Without Textual's id, as the one that was just closed may still have it for a moment.
            self.push_screen(CommandPalette())

    def action_manual(self) -> None:
        """Open the manual at the page about the focused pane."""
        from xray_tui.tui.manual.page_of_focus import page_of_focus
        from xray_tui.tui.manual.screen import ManualScreen

        self.push_screen(ManualScreen(*page_of_focus(self)))

    def action_help(self) -> None:
        """Show all keys of the screen; in the help, close it: a pile of dialogs cannot be drawn."""
        from xray_tui.tui.dialogs.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(HelpScreen(self.screen))

    def action_suspend_process(self) -> None:
        """Return to the shell until it resumes the app; say so where no shell would do that."""
        if environment.can_be_resumed():
            super().action_suspend_process()
        else:
            self.notify(
                "The app was not started from a shell, so nothing could resume it. "
                f"{key_of('quit')} leaves it.",
                title="Not suspended",
                severity="warning",
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the manual from covering itself, or a screen that closes by itself.

        That screen could not close then. While a text of several lines is edited, ctrl+z undoes
        what was typed.
        """
        if action == "suspend_process":
            return not isinstance(self.focused, TextArea)
        closes = getattr(self.screen, "closes_by_itself", False)
        return action != "manual" or (getattr(self.screen, "opens_manual", True) and not closes)

    def action_switch_theme(self) -> None:
        """Switch between the dark and the light theme."""
        dark = self.theme == READING_ROOM.name
        self.theme = DAYLIGHT.name if dark else READING_ROOM.name
        self.memory.remember_for_user(theme=self.theme)

    def action_reset_session(self) -> None:
        """Start again with the defaults: form, marks, filters and views."""
        self.memory.reset()
        self.theme = self.memory.theme(self._settings)
        for screen in self.screen_stack:
            if isinstance(screen, Remembering):
                screen.reset_session()
        self.notify(f"{self.RESETS.capitalize()} are as on the first start.")

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        """Offer the actions of all keys of all panes in the command palette."""
        defaults = f"{self.RESETS} as on the first start"
        reset = SystemCommand("Reset session", defaults, self.action_reset_session)
        redraw = SystemCommand("Redraw", "if another program wrote over the screen", self.redraw)
        commands = [*key_commands(screen), reset, redraw, *picture_commands(self)]
        return latest_first(commands, self._used_commands)

    # ---- errors and the end ----------------------------------------------------------------------

    def survive_errors(self, log_path: Path) -> CrashReport:
        """Log the errors of widgets at ``log_path`` and continue, where that is possible.

        An app that does not call this, such as that of a test, ends with the first error.
        """
        self._errors = CrashReport(log_path)
        survive_exceptions(self._survive, self.drop_error)
        return self._errors

    def drop_error(self, error: Exception) -> None:
        """Log the error of a widget that is being removed, and do nothing else about it."""
        if self._errors is not None:
            self._errors.drop(error)

    def _survive(self, _: MessagePump, error: Exception) -> bool:
        text = self._errors.survive(error) if self._errors is not None else ""
        if text:
            self.notify(text, severity="error", markup=False)
        return bool(text)

    def _handle_exception(self, error: Exception) -> None:
        """Textual calls this with errors that it does not survive."""
        if self._errors is None:
            super()._handle_exception(error)
            return
        if self._exit:  # widgets that are being removed miss each other
            self.drop_error(error)
            return
        survivable = raised_in_callback(error)
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error, survivable = error.error, True
        if survivable and isinstance(error, NoMatches):  # its screen was closed meanwhile
            self.drop_error(error)
            return
        if survivable and self._survive(self, error):
            return
        self.when_ending(CRASHED)
        self._errors.end(error, self)
        end_at_once(self, CRASHED)

    def exit(
        self,
        result: None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """End the app; the process ends soon afterwards, whatever a library waits for."""
        self.when_ending(return_code)
        for screen in self.screen_stack:
            if isinstance(screen, Remembering):
                screen.remember()
        super().exit(result, return_code, message)

    def action_help_quit(self) -> None:
        """Say how to quit, as ctrl+c does not; nothing where the key only closes a dialog."""
        active = {one.binding.action for one in self.active_bindings.values()}
        if active & {"quit", "app.leave"}:
            self.notify(f"To quit, press {key_of('quit')}", markup=False)

    def end_for_signal(self, number: int) -> None:
        """End the app because of signal ``number``; called in any thread.

        The exit goes through the message queue of the app, because panes that are just being
        mounted must not be removed.
        """
        if not self._signalled:
            self._signalled = True
            self.stop_work()
            self.call_later(self.exit, return_code=128 + number)
