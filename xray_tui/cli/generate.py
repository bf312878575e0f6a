"""``xray-tui generate``: generates images in the same way as the app, without the app."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray_tui.cli.options import AdoptOption, NewDatasetOption, StealLockOption
from xray_tui.cli.output import note
from xray_tui.cli.prompts import PromptsOption, list_command, open_library
from xray_tui.config import Settings, load_settings
from xray_tui.errors import ParameterError, PromptLibraryError
from xray_tui.keymap import use_keys
from xray_tui.names import SCRATCH
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import parse_parameter
from xray_tui.text import did_you_mean, quoted

if TYPE_CHECKING:  # every command imports this module, so the slow imports wait for a run
    from xray_tui.generation.planning.plan import JobRequest
    from xray_tui.prompts.schema import Prompt, PromptLibrary
    from xray_tui.tasks import Job

EXAMPLES = """\b
Examples:
  xray-tui generate --count 4 --seed 7
  xray-tui generate knee-healthy knee-severe-osteoarthritis --dataset ~/xrays
  xray-tui generate --text "PA chest radiograph of a {man|woman}." --count 2
  xray-tui generate --from reports.csv --column label=dx
  xray-tui generate --model ~/models/roentgen --size 512x512 --guidance 5
"""


def _parameter(name: str) -> Any:
    spec = field_specs()[name]
    if not spec.numeric:
        return typer.Option(help=spec.summary)
    return typer.Option(
        help=spec.summary,
        parser=partial(_number, name),
        metavar="<int>" if spec.kind == "integer" else "<float>",
    )


def _number(name: str, text: str) -> Any:
    if not text.strip():
        raise ParameterError(f"{name}: is empty; write a value, or leave it out")
    return parse_parameter(name, text)


def _size() -> Any:
    allowed = field_specs()["width"].allowed
    text = f"Width and height: each {allowed} pixels, a multiple of 8; default: the model's."
    return typer.Option(metavar="WxH", help=text)


def generate(  # noqa: PLR0913 - one argument for each flag
    *,
    prompt_ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT_ID", help="Default: all prompts that the bundled model can draw."
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            help="An ad-hoc prompt, in region scratch; {left|right} gives one of the two words."
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="The label of the ad-hoc prompt; default: scratch.")
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="<table>",
            help="A .csv, .tsv, .jsonl or .parquet file, or - for standard input: rows are images.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN",
            help="The column of the table that is a field, such as label=diagnosis.",
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out rows of the table that are wrong.")
    ] = False,
    prompts: PromptsOption = None,
    dataset: NewDatasetOption = None,
    model: Annotated[str | None, _parameter("model")] = None,
    count: Annotated[int | None, _parameter("count")] = None,
    seed: Annotated[int | None, _parameter("seed")] = None,
    seed_mode: Annotated[str | None, _parameter("seed_mode")] = None,
    steps: Annotated[int | None, _parameter("steps")] = None,
    guidance: Annotated[float | None, _parameter("guidance_scale")] = None,
    size: Annotated[str | None, _size()] = None,
    scheduler: Annotated[str | None, _parameter("scheduler")] = None,
    batch_size: Annotated[int | None, _parameter("batch_size")] = None,
    eta: Annotated[float | None, _parameter("eta")] = None,
    negative: Annotated[str | None, _parameter("negative_prompt")] = None,
    device: Annotated[str | None, _parameter("device")] = None,
    dtype: Annotated[str | None, _parameter("dtype")] = None,
    untrained: Annotated[
        bool,
        typer.Option("--untrained", help="Also prompts that the bundled model was not trained on."),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Resume interrupted jobs; give job ids, not prompt ids."),
    ] = False,
    steal_lock: StealLockOption = False,
    adopt: AdoptOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON event per line.")] = False,
) -> None:
    """Generate images into a dataset. Images that already exist are skipped.

    Exit code: 0 all done, 1 some failed, 2 wrong usage or input, 130 interrupted.
    """
    settings = load_settings().with_flags(dataset=dataset)
    use_keys(settings.keys)  # messages name them
    flags = {
        "model": model,
        "count": count,
        "seed": seed,
        "seed_mode": seed_mode,
        "steps": steps,
        "guidance_scale": guidance,
        "scheduler": scheduler,
        "batch_size": batch_size,
        "eta": eta,
        "negative_prompt": negative,
        "device": device,
        "dtype": dtype,
        **parse_size(size),
    }
    if label is not None and text is None:
        raise ParameterError("--label names the images of an ad-hoc prompt; add --text")
    if (column or skip_bad) and table is None:
        raise ParameterError("--column and --skip-bad are about a table; add --from")
    overrides = {name: value for name, value in flags.items() if value is not None}
    if resume:
        if overrides or any(given is not None for given in (prompts, text, table)):
            raise ParameterError(
                "--resume continues jobs as they were planned; give only job ids and --dataset"
            )
        from xray_tui.cli.generate_resume import resume_jobs
        from xray_tui.cli.rebuild_question import new_or_existing_dataset

        new_or_existing_dataset(settings.dataset, adopt=adopt)
        raise typer.Exit(resume_jobs(settings, prompt_ids or [], steal_lock, as_json))
    from xray_tui.generation.planning.plan import JobRequest, plan
    from xray_tui.generation.planning.training_check import unknown_words_notice
    from xray_tui.prompts.scratch import scratch_prompt

    library = open_library(prompts)
    if table is not None:
        if prompt_ids or text is not None:
            raise ParameterError("--from takes all texts from the table; leave out ids and --text")
        from xray_tui.cli.tables.table_job import TableOptions, plan_table

        request = JobRequest((), library, overrides, settings.generation)
        planned = plan_table(TableOptions(table, column or [], skip_bad), request)
        job, asked = planned.job(), planned.as_json()
        raise typer.Exit(_run(settings, request, (job, asked), steal_lock, adopt, as_json))
    selected = () if text and not prompt_ids else select(library, prompt_ids or [])
    if text is not None:
        ad_hoc = scratch_prompt(text, library, label or SCRATCH)
        selected = (*selected, ad_hoc)
        if notice := unknown_words_notice(ad_hoc, library, settings.generation, overrides):
            note(notice)
    request = JobRequest(selected, library, overrides, settings.generation)
    if not untrained:
        _check_training(request)
    planned_job = (plan(request), request.as_json())
    raise typer.Exit(_run(settings, request, planned_job, steal_lock, adopt, as_json))


def parse_size(text: str | None) -> dict[str, int]:
    """``WxH`` as width and height in pixels; nothing for None.

    Raises:
        ParameterError: ``text`` is not of the form ``WxH``.
    """
    if text is None:
        return {}
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip().lower(), re.ASCII)
    if match is None:
        raise ParameterError(
            f"--size {quoted(text)}: write it as WIDTHxHEIGHT, for example 256x256"
        )
    return {"width": int(match[1]), "height": int(match[2])}


def select(library: PromptLibrary, ids: list[str]) -> tuple[Prompt, ...]:
    """The prompts named by ``ids``, or all bundled ones.

    Raises:
        PromptLibraryError: an id is not in the library, or nothing is bundled.
    """
    if not ids:
        bundled = library.bundled()
        if not bundled:
            raise PromptLibraryError(
                f"{library.source}: no prompt is marked bundled = true; name prompt ids instead"
            )
        return bundled
    known = {prompt.id: prompt for prompt in library.prompts}
    unknown = [name for name in ids if name not in known]
    if unknown:
        named = ", ".join(f"{quoted(name)}{did_you_mean(name, known)}" for name in unknown)
        raise PromptLibraryError(
            f"{library.source}: no prompt {named}; for all ids: {list_command(library)}"
        )
    return tuple(known[name] for name in dict.fromkeys(ids))


def _check_training(request: JobRequest) -> None:
    """Refuse prompts that the bundled model was not trained on.

    Raises:
        PromptLibraryError: there are some; the message names them.
    """
    from xray_tui.generation.planning.training_check import (
        marks_trained_prompts,
        names_of,
        untrained_prompts,
    )

    found = untrained_prompts(request)
    if not found:
        return
    sentence = f"the bundled model was not trained on {names_of(found)}"
    if not marks_trained_prompts(request.library):
        # The author of the library may not use the mark.
        note(f"{sentence}, as no prompt is marked bundled = true")
        return
    raise PromptLibraryError(
        f"{sentence}; leave {'it' if len(found) == 1 else 'them'} out, choose another --model, "
        "or add --untrained to generate images that may not show what their label says"
    )


def _run(
    settings: Settings,
    request: JobRequest,
    planned: tuple[Job, Mapping[str, Any]],
    steal_lock: bool,
    adopt: bool,
    as_json: bool,
) -> int:
    """Queue the planned job with what to store about its request, and run it."""
    from xray_tui.cli.headless import run_jobs
    from xray_tui.cli.rebuild_question import new_or_existing_dataset
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.dataset.files.layout import HOLDER
    from xray_tui.dataset.lock_holder import read as read_holder
    from xray_tui.generation.planning.plan import idle_eta
    from xray_tui.generation.running.engine import Engine
    from xray_tui.generation.sampling.devices import check_devices

    job, asked = planned
    notice = idle_eta(request, job)
    if notice:
        note(notice)
    generating = read_holder(settings.dataset / HOLDER)
    if generating is None or generating.is_here:  # another host may have other devices
        check_devices(job)
    new_or_existing_dataset(settings.dataset, adopt=adopt)
    dataset = Dataset(settings.dataset, steal_lock=steal_lock)

    def submit(engine: Engine) -> list[str]:
        engine.submit(job, asked)
        return [job.id]

    try:
        return run_jobs(dataset, submit, on_job_end=settings.on_job_end, as_json=as_json)
    finally:
        dataset.close()
