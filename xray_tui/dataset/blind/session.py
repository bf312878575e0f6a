"""A session: the images to be read, in the same order for every reviewer.

It never changes once it is created, so that all reviewers read the same images; their answers go
into separate files next to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from xray_tui.dataset.files.atomic import explained, write_new
from xray_tui.dataset.files.layout import PRIVATE
from xray_tui.errors import DatasetError
from xray_tui.names import SHORT_NAME, session_name_problem
from xray_tui.text import clean

FOLDER = f"{PRIVATE}/blind"
FILE = "session.json"
MAX_SIDE = 4096

Origin = Literal["real", "synthetic"]
ORIGINS: tuple[Origin, ...] = ("real", "synthetic")

_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class BlindItem:
    """An image of the dataset that can be selected for a session."""

    task_id: str
    file: str
    """Relative to the dataset."""
    region: str
    label: str


class SessionItem(BaseModel):
    """One image of a session, with its true origin and label."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    task_id: str | None
    """None for a real radiograph; '' for an image in a session of format 1."""
    file: str
    """Its path when it was selected: relative to the dataset for a synthetic image, absolute for a
    real radiograph."""
    label: str
    """Empty if unknown."""

    @model_validator(mode="before")
    @classmethod
    def _read_format_1(cls, values: Any) -> Any:
        """Drop the record ids of format 1: a rebuilt catalog gives these ids to other images."""
        if isinstance(values, dict) and "record_id" in values:
            values = dict(values)
            values["task_id"] = None if values.pop("record_id") is None else ""
        return values

    @property
    def origin(self) -> Origin:
        """Where the image comes from."""
        return "real" if self.task_id is None else "synthetic"


Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]


class Session(BaseModel):
    """The contents of session.json."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1, 2] = 2
    name: Annotated[str, Field(pattern=f"^{SHORT_NAME.pattern}$")]
    created: str
    """ISO 8601 in UTC."""
    seed: int
    """Seed of the selection and of the order."""
    width: Side
    """Width of all images as shown, in pixels."""
    height: Side
    labels: list[str]
    """Labels that reviewers choose from."""
    real_folder: str = ""
    caution: str = ""
    """Warning to show before reading if body parts may reveal the real images; otherwise empty."""
    left_out: int = 0
    """Number of selected files that could not be read."""
    items: Annotated[list[SessionItem], Field(min_length=1)]
    """In reading order."""

    @property
    def asks_label(self) -> bool:
        """Whether there is a label to choose."""
        return len(self.labels) > 1

    def count(self, origin: Origin) -> int:
        """Number of images of this origin."""
        return sum(item.origin == origin for item in self.items)


def folder_of(root: Path, name: str) -> Path:
    """The folder of the session ``name`` of the dataset in ``root``.

    Raises:
        DatasetError: ``name`` is not a valid session name.
    """
    if problem := session_name_problem(name):
        raise DatasetError(problem)
    return root / FOLDER / name


def save_session(root: Path, session: Session) -> None:
    """Store a new session.

    Raises:
        DatasetError: the name is taken, or the session cannot be written.
    """
    folder = folder_of(root, session.name)
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not write_new(folder / FILE, [session.model_dump_json(indent=1).encode()]):
        raise DatasetError(name_taken(session.name))


def name_taken(name: str) -> str:
    """The error message if a session of this name exists."""
    return f"there is already a session named {name}; continue it, or choose another name"


def has_session(root: Path, name: str) -> bool:
    """Whether a session of this name exists, readable or not."""
    return (folder_of(root, name) / FILE).exists()


def open_session(root: Path, name: str) -> Session:
    """The session ``name`` of the dataset in ``root``.

    Raises:
        DatasetError: the session does not exist, or its file cannot be read.
    """
    path = folder_of(root, name) / FILE
    with explained(path):
        if not path.is_file():
            raise DatasetError(f"there is no blind reading session named {name} in {root}")
        if path.stat().st_size > _MAX_BYTES:
            raise DatasetError(f"{path}: too large to be a session")
        data = path.read_bytes()
    try:
        session = Session.model_validate_json(data)
    except ValidationError as error:
        raise DatasetError(clean(f"{path}: {_first_problem(error)}")) from error
    if session.name != name:
        raise DatasetError(
            f"{path}: this is session {session.name}; rename its folder to {session.name}"
        )
    return session


def session_names(root: Path) -> list[str]:
    """Names of the sessions in the dataset ``root``, readable or not, sorted.

    Raises:
        DatasetError: the folder cannot be read.
    """
    folder = root / FOLDER
    with explained(folder):
        if not folder.is_dir():
            return []
        names = sorted(path.name for path in folder.iterdir())
        return [
            name for name in names if not session_name_problem(name) and has_session(root, name)
        ]


def free_name(names: Sequence[str]) -> str:
    """An unused name for the next session."""
    number = len(names) + 1
    while f"reading-{number}" in names:
        number += 1
    return f"reading-{number}"


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return f"{where}: {first['msg']}"
