"""``xray-tui models``: lists models and downloads them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from xray_tui.cli.options import JsonOption
from xray_tui.cli.output import say
from xray_tui.models.catalogue import list_models
from xray_tui.models.hub.cache import check_hub_id

app = typer.Typer(
    help="List models, or download one from the Hugging Face hub.", no_args_is_help=True
)


@app.command("list")
def show_models(
    as_json: JsonOption = False,
) -> None:
    """List the models that --model takes by name.

    These are the bundled model and those downloaded from the Hugging Face hub.
    """
    models = list_models()
    if as_json:
        for model in models:
            size = list(model.native_size)
            row = {"model": model.ref, "kind": model.kind, "size": size, "path": str(model.path)}
            typer.echo(json.dumps(row))
        return
    width = max((len(model.ref) for model in models), default=0)
    for model in models:
        wide, high = model.native_size
        say(f"{model.ref:{width}}  {model.kind:8}  {wide}×{high}  {model.title}")
    say("")
    say("--model also takes the path of a diffusers folder or a .safetensors file")


@app.command("download")
def download_model(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="Hub id, in the form owner/name, as on huggingface.co."
        ),
    ],
) -> None:
    """Download a Stable Diffusion model from the Hugging Face hub.

    Only safetensors weights are downloaded.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    from xray_tui.models.hub.download import download

    check_hub_id(model)
    with Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()
    ) as bar:
        task = bar.add_task("asking the hub", total=None)
        path = download(
            model,
            lambda text, done, total: bar.update(
                task, description=text, completed=done, total=total
            ),
        )
    say(f"Downloaded to {path}. Use it with: --model {model}")
