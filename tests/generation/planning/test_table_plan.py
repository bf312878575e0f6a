"""A table becomes a job: seeds, what wins, equal rows, rows that cannot be drawn."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from xray_tui.errors import ParameterError, TableError
from xray_tui.generation.planning.plan import JobRequest
from xray_tui.generation.planning.table_plan import TablePlan
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.tables.source import opened
from xray_tui.prompts.tables.table import Table, read_table
from xray_tui.tasks import Task


def table_of(text: str) -> Table:
    with opened("-", BytesIO(text.encode())) as source:
        return read_table(source, {}, most=1000)


def planned(text: str, settings: dict[str, Any] | None = None, **flags: Any) -> TablePlan:
    request = JobRequest((), load(default_path()), flags, settings or {})
    return TablePlan(table_of(text), request)


def tasks(text: str, settings: dict[str, Any] | None = None, **flags: Any) -> list[Task]:
    return list(planned(text, settings, **flags).job().tasks)


def test_each_row_is_an_image_with_its_own_columns() -> None:
    one, two = tasks("text,label,age\nA {b}.,normal,1\nB.,effusion,\n", seed=7)
    assert (one.text, one.label, one.table_row, one.slots) == ("A {b}.", "normal", {"age": 1}, {})
    assert (two.text, two.label, two.table_row) == ("B.", "effusion", {"age": None})
    assert one.parameters is two.parameters  # 100,000 rows share them
    assert one.parameters.steps == load(default_path()).defaults.parameters["steps"]


def test_rows_without_a_seed_get_consecutive_ones() -> None:
    text = "text,seed,count\nA,,2\nB,100,2\nC,,\n"
    found = tasks(text, seed_mode="increment")
    first = found[0].seed
    assert [task.seed - first for task in found if task.text != "B"] == [0, 1, 2]
    assert [task.seed for task in found if task.text == "B"] == [100, 101]
    again = tasks(text, {"seed": 7})
    assert [task.seed for task in again] == [7, 8, 100, 101, 9]


def test_equal_rows_are_different_images_unless_their_seed_is_given() -> None:
    plan = planned("text,age\nA,1\nA,1\n")
    assert (plan.job().size, plan.repeated) == (2, 0)
    plan = planned("text,age\nA,1\nA,1\n", seed_mode="random", seed=3)
    assert (plan.job().size, plan.repeated) == (2, 0)
    plan = planned("text,age,seed\nA,1,7\nA,1,7\nA,2,7\n")
    assert (plan.job().size, plan.repeated) == (2, 1)


def test_flags_win_over_columns_and_columns_over_settings() -> None:
    text = "text,steps,seed,negative\nA,5,9,dark\nB,,,\n"
    one, two = tasks(text, {"steps": 8, "negative_prompt": "blurry", "seed": 1})
    assert [(task.parameters.steps, task.seed) for task in (one, two)] == [(5, 9), (8, 1)]
    assert [task.negative_prompt for task in (one, two)] == ["dark", "blurry"]
    one, two = tasks(text, {"steps": 8}, steps=3, seed=20, negative_prompt="")
    assert [(task.parameters.steps, task.seed) for task in (one, two)] == [(3, 20), (3, 21)]
    assert [task.negative_prompt for task in (one, two)] == ["", ""]


def test_the_same_table_and_seed_give_the_same_tasks() -> None:
    text = "text,age\nA,1\nB,2\n"
    assert [task.id for task in tasks(text, seed=7)] == [task.id for task in tasks(text, seed=7)]
    changed = tasks("text,age\nA,1\nB,3\n", seed=7)
    assert [one.id == two.id for one, two in zip(tasks(text, seed=7), changed, strict=True)] == [
        True,
        False,
    ]


def test_rows_that_the_model_cannot_draw_are_named() -> None:
    table = table_of("text,width,model\nA,,\nB,72,\nC,,no/such/model\n")
    plan = TablePlan(table, JobRequest((), load(default_path()), {}, {}))
    two, three = table.problems.lines()
    assert two.startswith("standard input: line 3: ")
    assert three.startswith("standard input: line 4: ")
    assert [task.text for task in plan.job().tasks] == ["A"]


def test_a_table_without_a_usable_row_or_with_too_many_images_is_refused() -> None:
    with pytest.raises(TableError, match="has no row that can be used"):
        planned("text,steps\nA,0\n").job()
    with pytest.raises(ParameterError, match="at most 200,000"):
        planned("text,count\nA,100000\nB,100000\nC,1\n")


def test_the_stored_request_does_not_grow_with_the_table() -> None:
    plan = planned("text\n" + "".join(f"A {number}\n" for number in range(500)), steps=3)
    asked = plan.as_json()
    assert asked == {
        "prompts": [],
        "overrides": {"steps": 3},
        "table": "standard input",
        "rows": 500,
    }
    assert len(json.dumps(asked)) < 200


def test_words_that_the_bundled_model_does_not_know_are_named() -> None:
    assert planned("text\nPA chest radiograph\n").notice() == ""
    assert (
        planned("text\nchest zzq zzr zzs zzt\nzzq\n").notice().endswith("zzq, zzr, zzs and 1 more")
    )
