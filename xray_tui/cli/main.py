"""The command ``xray-tui`` and its subcommands. Without a subcommand it opens the app."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from xray_tui import __version__, environment
from xray_tui.cli import (
    blind,
    generate,
    help,
    models,
    prompts,
    purge,
    rebuild,
    review,
    reviews,
    verify,
)
from xray_tui.cli.completion.install import InstallOption, ShowOption
from xray_tui.cli.doctor import command as doctor
from xray_tui.cli.export import command as export
from xray_tui.cli.jobs import commands as jobs
from xray_tui.cli.options import (
    FreshOption,
    NewDatasetOption,
    PreviewOption,
    ReviewerOption,
    StealLockOption,
    ThemeOption,
)
from xray_tui.cli.output import fail
from xray_tui.cli.reproduce import command as reproduce
from xray_tui.cli.summaries import sheet, stats
from xray_tui.cli.terminal import take_terminal
from xray_tui.errors import XrayTuiError

_EXAMPLES = """\b
Examples:
  xray-tui
  xray-tui --dataset ~/xrays
  xray-tui generate chest-normal-adult --count 20 --seed 7
  xray-tui help first-image
"""


class _Commands(TyperGroup):
    """Keeps the words before and after the name of the subcommand, as they were typed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse ``args``; returns the words after the name."""
        typed = list(args)
        after = super().parse_args(ctx, args)
        ctx.obj = typed[: len(typed) - len(after) - 1], after
        return after


app = typer.Typer(
    name="xray-tui",
    cls=_Commands,
    help="A terminal workbench for synthetic radiographs.",
    epilog=_EXAMPLES,
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("generate", epilog=generate.EXAMPLES)(generate.generate)
app.command("review", epilog=review.EXAMPLES)(review.review)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("stats", epilog=stats.EXAMPLES)(stats.stats)
app.command("sheet", epilog=sheet.EXAMPLES)(sheet.sheet)
app.command("reproduce", epilog=reproduce.EXAMPLES)(reproduce.reproduce)
app.command("purge", epilog=purge.EXAMPLES)(purge.purge)
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)
app.command("verify")(verify.verify)
app.command("rebuild")(rebuild.rebuild)
app.command("help", epilog=help.EXAMPLES)(help.help_page)
app.add_typer(reviews.app, name="reviews")
app.add_typer(blind.app, name="blind")
app.add_typer(jobs.app, name="jobs")
app.add_typer(prompts.app, name="prompts")
app.add_typer(models.app, name="models")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xray-tui {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def open_app(  # noqa: PLR0913 - one argument for each flag
    *,
    context: typer.Context,
    dataset: NewDatasetOption = None,
    prompts_file: prompts.PromptsOption = None,
    reviewer: ReviewerOption = None,
    theme: ThemeOption = None,
    preview: PreviewOption = None,
    fresh: FreshOption = False,
    steal_lock: StealLockOption = False,
    install_completion: InstallOption = False,
    show_completion: ShowOption = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Open the app, or run one of the commands below."""
    if context.invoked_subcommand is not None:
        flags = (prompts_file, reviewer, theme, preview, fresh, steal_lock)
        if dataset is not None or any(flags):
            from xray_tui.commands import command

            before, after = context.obj
            mended = command(context.invoked_subcommand, *after, *before)
            fail(f"put options after the command: {mended}")
        return
    from xray_tui.config import load_settings

    settings = load_settings().with_flags(
        dataset=dataset, prompts=prompts_file, reviewer=reviewer, theme=theme, preview=preview
    )
    take_terminal("the app needs a terminal; without one, use: xray-tui generate")
    from xray_tui.cli.launch import launch

    raise typer.Exit(launch(settings, steal_lock=steal_lock, fresh=fresh))


def main() -> None:
    """Run the command line. An error that the user can fix prints one message, with exit code 2."""
    environment.prepare_streams()
    try:
        app()
    except XrayTuiError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of the output has ended, as in `… | head`
        environment.discard_output()
        sys.exit(0)
    except OSError as error:  # standard output on a full disk, or an unforeseen file error
        environment.discard_output()
        fail(f"{error.filename or 'the output cannot be written'}: {error.strerror or error}")
