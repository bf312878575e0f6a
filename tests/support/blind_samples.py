"""Images, folders and sessions for tests of blind reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.preview_samples import gradient

from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.choosing import SessionRequest, draw_session
from xray_tui.dataset.blind.session import (
    BlindItem,
    Session,
    SessionItem,
    folder_of,
    save_session,
)

LABELS = ("effusion", "normal")


def a_root(folder: Path) -> Path:
    """An empty dataset folder with the private folder that blind reading needs."""
    root = folder / "xrays"
    (root / ".xray-tui").mkdir(parents=True)
    return root


def blind_items(root: Path, count: int, labels: Sequence[str] = LABELS) -> list[BlindItem]:
    """Write ``count`` images of 64 x 64 pixels, cycling through ``labels``."""
    items = []
    for number in range(1, count + 1):
        label = labels[number % len(labels)]
        task_id = f"{number:08x}" * 8
        file = f"chest/{label}/chest-{label}_{number}_{task_id[:8]}.png"
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        gradient().save(root / file)
        items.append(BlindItem(task_id, file, "chest", label))
    return items


def real_folder(folder: Path, labels: Sequence[str] = LABELS, each: int = 3) -> Path:
    """Write ``each`` JPEGs of every label to ``folder``, and return it."""
    for label in labels:
        (folder / "chest" / label).mkdir(parents=True, exist_ok=True)
        for number in range(each):
            gradient(80, 70).save(folder / "chest" / label / f"{number}.jpg")
    return folder


def make_session(root: Path, request: SessionRequest, items: Sequence[BlindItem]) -> Session:
    """Sample a session and save it."""
    session = draw_session(root, request, items)
    save_session(root, session)
    return session


def to_format_1(root: Path, session: Session) -> None:
    """Rewrite a saved session as early versions did: with record ids, which are now wrong."""
    content = session.model_dump(exclude={"caution"}) | {"format": 1}
    for number, item in enumerate(content["items"], 1):
        item["record_id"] = None if item.pop("task_id") is None else number
    (folder_of(root, session.name) / "session.json").write_text(json.dumps(content))


def a_session(name: str = "first", **changes: Any) -> Session:
    """A session of two synthetic and two real images; the last has an unknown label."""
    items = [("a1", "normal"), ("a2", "effusion"), (None, "normal"), (None, "")]
    values: dict[str, Any] = {
        "name": name,
        "created": "2026-01-01T00:00:00+00:00",
        "seed": 1,
        "width": 64,
        "height": 64,
        "labels": list(LABELS),
        "items": [SessionItem(task_id=n, file=f"{n}.png", label=label) for n, label in items],
    }
    return Session(**values | changes)


def answer_all(root: Path, session: Session, reviewer: str, wrong: int = 0) -> None:
    """Answer all images correctly, except the first ``wrong`` ones."""
    reading = Reading(root, session, reviewer)
    for number, item in enumerate(session.items):
        right = (item.origin == "real") != (number < wrong)
        reading.store(number, BlindAnswer("real" if right else "synthetic", item.label))
