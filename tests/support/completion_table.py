"""Makes the table of commands that completion uses, from what the commands declare.

``pytest -n 0 tests/manual --update-manual`` writes it to the package.
"""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import typer.main

from xray_tui.cli.main import app
from xray_tui.config import PreviewMode, ThemeName
from xray_tui.dataset.export.formats.csv_table import STYLES
from xray_tui.dataset.export.formats.table import FORMATS
from xray_tui.dataset.export.selection import ONLY
from xray_tui.dataset.opinions import RULES
from xray_tui.dataset.query.fields import FIELDS, SORTS
from xray_tui.dataset.statistics.groups import PROPERTIES
from xray_tui.manual.pages import TOPICS
from xray_tui.parameters import GenerationParameters


def _choices(name: str) -> list[str]:
    """All values of a parameter."""
    return list(get_args(GenerationParameters.model_fields[name].annotation))


VALUES: dict[str, object] = {
    "--dataset": "folder",
    "--prompts": "file",
    "--reviewer": "reviewer",
    "--theme": list(get_args(ThemeName)),
    "--preview": list(get_args(PreviewMode)),
    "--text": "text",
    "--label": "label",
    "--from": "file",
    "--column": "text",
    "--model": "model",
    "--count": "number",
    "--seed": "number",
    "--seed-mode": _choices("seed_mode"),
    "--steps": "number",
    "--guidance": "number",
    "--size": ["256x256", "512x512", "768x768", "1024x1024"],
    "--scheduler": _choices("scheduler"),
    "--batch-size": "number",
    "--eta": "number",
    "--negative": "text",
    "--device": ["auto", "cpu", "cuda", "mps"],
    "--dtype": _choices("dtype"),
    "--sample": "number",
    "--threads": "number",
    "--save": "folder",
    "prompt_ids": "prompt",
    "folder": "folder",
    "topic": list(TOPICS),
    "files": "file",
    "file": "file",
    "wanted": list(RULES),
    "session": "session",
    "--filter": "query",
    "format_name": list(FORMATS),
    "destination": "folder",
    "--only": list(ONLY),
    "--style": list(STYLES),
    "--shard-size": "number",
    "--split": ["80/10/10", "70/15/15", "80/20"],
    "out": "file",
    "--columns": "number",
    "--per-label": "number",
    "--by": ["region,label", *PROPERTIES],
    "job": "job",
    "jobs": "job",
    "model": "text",
}
"""The values of each option and argument: a list, or a kind of ``completion/values.py``.

An option or argument that is not here fails the test of the table: decide what it is completed to.
"""


def table() -> str:
    """The text of ``commands.json``, one command a line."""
    root = _node(typer.main.get_command(app))
    root["fields"] = {name: [field.help, list(field.choices)] for name, field in FIELDS.items()}
    root["fields"]["is"] = ["your decision, or disputed", list(FIELDS["decision"].choices)]
    root["fields"]["sort"] = ["order of the images", [*SORTS, *(f"-{name}" for name in SORTS)]]
    commands = root.pop("commands")
    lines = [f"{json.dumps(name)}: {_json(node)}" for name, node in commands.items()]
    return f'{_json(root)[:-1]}, "commands": {{\n' + ",\n".join(lines) + "\n}}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _node(command: Any) -> dict[str, Any]:
    node: dict[str, Any] = {
        "help": _first_sentence(command.help or ""),
        "options": {"--help": ["", "Show this message and exit."]},
        "arguments": [],
    }
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            node["arguments"].append([VALUES[parameter.name], parameter.nargs != 1])
            continue
        for name in parameter.opts:
            takes_value = not parameter.is_flag
            kind = VALUES[name] if takes_value else ""
            node["options"][name] = [kind, _first_sentence(parameter.help or "")]
    if commands := getattr(command, "commands", None):
        node["commands"] = {name: _node(one) for name, one in commands.items()}
    return node


def _first_sentence(text: str) -> str:
    """The first sentence of a help text, without the full stop."""
    first = " ".join(text.split()).partition(". ")[0].partition("; default")[0].rstrip(".")
    return re.sub(r" \([^)]*$", "", first)  # a bracket that was cut
