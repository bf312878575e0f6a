"""The table of commands says what the commands declare."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from xray_tui.cli.completion import places
from xray_tui.cli.completion.asked import TABLE
from xray_tui.cli.completion.values import KINDS
from xray_tui.dataset.blind.session import FOLDER
from xray_tui.dataset.files.layout import CATALOG


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("commands", {}).values():
        yield from nodes(below)


def test_every_kind_of_value_is_known() -> None:
    for node in nodes(json.loads(TABLE.read_text(encoding="utf-8"))):
        kinds = [kind for kind, _ in (*node["options"].values(), *node["arguments"])]
        assert [kind for kind in kinds if kind and not isinstance(kind, list)] == [
            kind for kind in kinds if kind in KINDS
        ]


def test_paths_are_those_of_the_dataset() -> None:
    """They are written twice, because the modules of the dataset take too long to import."""
    assert (places.CATALOG, places.SESSIONS) == (CATALOG, FOLDER)
