"""``xray-tui reproduce``: makes images again from what their files record, and compares them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray_tui.cli.options import DatasetOption
from xray_tui.cli.output import fail, note
from xray_tui.cli.reproduce.printing import Printed
from xray_tui.config import load_settings
from xray_tui.parameters import check_overrides

if TYPE_CHECKING:
    from xray_tui.dataset.progress import ReportProgress
    from xray_tui.generation.reproducing.batches import Choices
    from xray_tui.generation.reproducing.results import Failed, Reproduced
    from xray_tui.generation.reproducing.sources import Source

EXAMPLES = """\b
Examples:
  xray-tui reproduce image.png
  xray-tui reproduce --sample 20 --seed 7
  xray-tui reproduce --dataset ~/xrays --sample 5 --json
  xray-tui reproduce image.png --save ~/again
"""
_SAMPLE = 20


def reproduce(  # noqa: PLR0913 - one argument for each flag
    *,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Images of xray-tui, anywhere.")
    ] = None,
    dataset: DatasetOption = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Images of the dataset, drawn at random; 20 with --dataset."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the draw.")] = 0,
    model: Annotated[
        str | None, typer.Option(help="Where the model is now, or another model.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="Another device than recorded.")] = None,
    dtype: Annotated[str | None, typer.Option(help="Another dtype than recorded.")] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Another batch size than recorded.")
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Another number of CPU threads than recorded."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Save the new images here; otherwise none is kept."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per image, and a summary at the end."),
    ] = False,
) -> None:
    """Make images again from what their files record, and compare.

    Nothing but the files and the model is needed. Each image is made in its place in a batch of the
    recorded size, with the recorded number of threads. What is not as recorded is named: model
    files, versions, device, dtype, batch size, threads.

    Exit code: 0 all are bit-identical, 1 some differ, 2 wrong usage, or an image could not be made.
    """
    choices = _choices(
        model=model, device=device, dtype=dtype, batch_size=batch_size, threads=threads
    )
    paths = _paths(files or [], dataset, sample, seed)
    printed = Printed(len(paths), as_json=as_json)
    for result in _results(paths, choices, save, printed):
        printed.add(result)
    printed.finish()
    raise typer.Exit(printed.exit_code)


def _choices(**given: Any) -> Choices:
    """What was chosen with options.

    Raises:
        ParameterError: a value is not allowed.
    """
    from xray_tui.generation.reproducing.batches import Choices

    parameters = {name: value for name, value in given.items() if name != "threads"}
    check_overrides({name: value for name, value in parameters.items() if value is not None})
    return Choices(**given)


def _paths(files: Sequence[Path], dataset: str | None, sample: int | None, seed: int) -> list[Path]:
    """The images to make again, without those that are named twice."""
    from xray_tui.generation.reproducing.sources import drawn

    if files:
        if dataset is not None or sample is not None:
            fail("files are given, and images of a dataset; give only one of the two")
        return list(dict.fromkeys(files))
    if dataset is None and sample is None:
        fail("no image is given; give files, or --sample 20 for images of the dataset")
    root = load_settings().with_flags(dataset=dataset).dataset
    return drawn(root, sample or _SAMPLE, seed)


def _results(
    paths: Sequence[Path], choices: Choices, save: Path | None, printed: Printed
) -> Iterator[Reproduced | Failed]:
    """The results in the order in which they are known: first, files that cannot be read."""
    from xray_tui.cli.rebuild_question import progress_bar
    from xray_tui.generation.reproducing.batches import batches
    from xray_tui.generation.reproducing.copies import Copies
    from xray_tui.generation.reproducing.reproducer import Reproducer
    from xray_tui.generation.reproducing.results import Failed
    from xray_tui.generation.sampling.sampler import Sampler

    copies = Copies(save) if save is not None else None
    read = _read_all(paths)
    yield from (one for one in read if isinstance(one, Failed))
    sources = [one for one in read if not isinstance(one, Failed)]
    reproducer = Reproducer(Sampler(), choices, copies, note)
    for batch in batches(sources, choices):
        place = f"{printed.count:,} of {len(paths):,} done; " if len(paths) > 1 else ""
        with progress_bar() as report:  # results are printed after it has gone
            results = reproducer.make(batch, _with_place(report, place))
        yield from results


def _read_all(paths: Sequence[Path]) -> list[Source | Failed]:
    from xray_tui.cli.rebuild_question import progress_bar
    from xray_tui.errors import XrayTuiError
    from xray_tui.generation.reproducing.results import failed
    from xray_tui.generation.reproducing.sources import read

    found: list[Source | Failed] = []
    with progress_bar() as report:
        for path in paths:
            report("reading images", len(found), len(paths))
            try:
                found.append(read(path))
            except XrayTuiError as error:
                found.append(failed(path, error))
    return found


def _with_place(report: ReportProgress, place: str) -> ReportProgress:
    """``report`` with ``place`` before what is being done."""
    return lambda what, done, total: report(f"{place}{what}", done, total)
