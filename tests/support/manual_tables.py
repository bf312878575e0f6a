"""The parts of the manual that are generated from declarations in the code.

Each part is between ``<!-- generated: NAME -->`` and ``<!-- end -->`` in a page of the manual;
``pytest tests/manual --update-manual`` rewrites all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import typer.main
from textual.binding import Binding

from xray_tui.cli.main import app
from xray_tui.dataset.query.fields import FIELDS, SORTS
from xray_tui.generation.sampling.schedulers import SCHEDULERS
from xray_tui.key_names import key_names
from xray_tui.keymap import MEANINGS
from xray_tui.parameter_fields import FieldSpec, field_specs
from xray_tui.parameters import ETA_SCHEDULERS
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.bindings import declared, with_keys
from xray_tui.tui.blind.label_choice import LabelChoice
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.session_list import SessionList
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.dialogs.help import HelpList, HelpScreen, HelpSearch
from xray_tui.tui.jobs.screen import FactsView, ImageRows, JobScreen, PromptRows
from xray_tui.tui.manual.page_view import PageView
from xray_tui.tui.manual.screen import ManualScreen, SearchInput, TopicList
from xray_tui.tui.parameters.advanced_row import AdvancedRow
from xray_tui.tui.parameters.parameter_field import FieldInput, FieldSelect
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_filter import FilterInput
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.prompts.prompt_tree import PromptTree
from xray_tui.tui.review.compare import Compare
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.loupe import Loupe
from xray_tui.tui.review.panel.record_panel import RecordPanel
from xray_tui.tui.review.query.input import QueryInput
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review.statistics.progress_bars import LabelRows, ProgressBars
from xray_tui.tui.review.statistics.screen import StatisticsScreen
from xray_tui.tui.review.viewer import Viewer
from xray_tui.tui.widgets.clean_input import LineInput, ParagraphArea
from xray_tui.tui.workbench.adhoc.line import AdHocLine
from xray_tui.tui.workbench.log_lines import LogLines
from xray_tui.tui.workbench.log_view import LogFilter, LogView
from xray_tui.tui.workbench.queue_view import JobRows, QueueView
from xray_tui.tui.workbench.screen import WorkbenchScreen

_BLOCK = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)

KEY_GROUPS: dict[str, tuple[type, ...]] = {
    "Everywhere": (BaseApp,),
    "Workbench: in every pane": (WorkbenchScreen,),
    "Workbench: prompts": (PromptList, PromptTree),
    "Workbench: ad-hoc prompt": (AdHocLine,),
    "Workbench: filter of the prompts": (FilterInput,),
    "Workbench: parameters": (ParameterForm, FieldInput, FieldSelect, AdvancedRow),
    "Workbench: preview": (Preview,),
    "Workbench: queue": (QueueView, JobRows),
    "Workbench: one job": (JobScreen, FactsView, PromptRows, ImageRows),
    "Workbench: log": (LogView, LogLines, LogFilter),
    "Prompt editor": (PromptEditScreen, LineInput, ParagraphArea),
    "Review: everywhere": (ReviewScreen,),
    "Review: gallery": (Gallery,),
    "Review: loupe and comparison": (Viewer, Loupe),
    "Review: comparison only": (Compare,),
    "Review: details of an image": (RecordPanel,),
    "Review: filter line": (QueryInput,),
    "Statistics": (StatisticsScreen, ProgressBars, LabelRows),
    "Blind reading: start": (BlindStartScreen, SessionList),
    "Blind reading": (BlindScreen, LabelChoice),
    "Blind reading: report": (BlindReportScreen,),
    "Manual": (ManualScreen, PageView),
    "Manual: topics": (TopicList,),
    "Manual: search line": (SearchInput,),
    "Help": (HelpScreen, HelpList, HelpSearch),
    "Dialogs": (EntryScreen,),
}
"""Heading in the manual, and the classes whose bindings are listed below it."""


def with_tables(text: str) -> str:
    """The ``text`` of a page, with its generated parts rewritten from the current code."""
    return _BLOCK.sub(lambda block: f"{block[1]}{_WRITERS[block[2]]()}{block[3]}", text)


def _keys() -> str:
    parts = []
    known: set[tuple[str, str]] = set()
    for heading, owners in KEY_GROUPS.items():
        bindings: dict[tuple[str, str], Binding] = {}
        listed: set[tuple[str, str]] = set()
        for binding in (binding for owner in owners for binding in declared(owner)):
            what = binding.action, binding.description
            if (binding.key, binding.description) not in listed:
                bindings[what] = with_keys(bindings.get(what, binding), binding)
            listed.add((binding.key, binding.description))
        new = {key: binding for key, binding in bindings.items() if key not in known}
        if heading.startswith("Review: comparison"):  # the other keys are listed above
            bindings = new
        known |= bindings.keys()
        parts.append(
            f"## {heading}\n\n{_table(('key', 'what it does'), map(_key_row, bindings.values()))}"
        )
    return "\n".join(parts)


def _meanings() -> str:
    rows = [
        (_codes(meaning.keys), meaning.text, "" if meaning.fixed else f"`{name}`")
        for name, meaning in MEANINGS.items()
    ]
    return _table(("key", "what it does", "name in the settings"), rows)


def _codes(keys: str) -> str:
    return " ".join(f"`{key}`" for key in key_names(keys).split("  "))


def _key_row(binding: Binding) -> tuple[str, str]:
    return (
        _codes(binding.key) if binding.id else binding.key,
        f"{binding.description}: {binding.tooltip}" if binding.tooltip else binding.description,
    )


def _parameters() -> str:
    rows = []
    for spec in field_specs().values():
        facts = [
            spec.description,
            _values(spec),
            f"default: {spec.default_text}" * (spec.default is not None),
        ]
        rows.append((f"`{spec.name}`", f"`{_option(spec.name)}`", "; ".join(filter(None, facts))))
    return _table(("name", "option", "meaning, values, default"), rows)


def _values(spec: FieldSpec) -> str:
    """The values that a parameter accepts; empty if its description already names them."""
    if spec.name == "scheduler":
        return "see below"
    unnamed = [choice for choice in spec.choices if choice not in spec.description]
    allowed = ", ".join(spec.choices) if unnamed else spec.allowed
    return "" if allowed in spec.description else allowed


def _option(name: str) -> str:
    """The option of ``xray-tui generate`` for a parameter."""
    if name in ("width", "height"):
        return "--size WxH"
    command = typer.main.get_command(app).commands["generate"]  # type: ignore[attr-defined]
    options = [
        option.opts[0] for option in command.params if option.name and name.startswith(option.name)
    ]
    return max(options, key=len)


def _schedulers() -> str:
    rows = []
    for name, kind in SCHEDULERS.items():
        if name.endswith("-karras"):
            continue
        karras = "yes" if f"{name}-karras" in SCHEDULERS else ""
        eta = "yes" if name in ETA_SCHEDULERS else ""
        rows.append((f"`{name}`", karras, eta, kind.class_name.removesuffix("Scheduler")))
    return _table(("name", "`-karras`", "eta", "in diffusers (…Scheduler)"), rows)


def _filter_fields() -> str:
    rows = []
    for name, field in FIELDS.items():
        compared = "; can be compared" if field.ordered else ""
        rows.append((f"`{name}`", field.help, field.allowed.removeprefix("use ") + compared))
    return _table(("field", "what it is", "values"), rows)


def _sort_fields() -> str:
    *others, last = [f"`{field}`" for field in SORTS]
    return f"`sort:` takes {', '.join(others)} and {last}.\n"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


_WRITERS = {
    "meanings": _meanings,
    "keys": _keys,
    "parameters": _parameters,
    "schedulers": _schedulers,
    "filter fields": _filter_fields,
    "sort fields": _sort_fields,
}
