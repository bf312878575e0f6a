"""What is in an export, counted while it is written."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.splitting import ORDER

_PARAMETERS = ("scheduler", "steps", "guidance_scale", "negative_prompt")


class ReviewerImages(NamedTuple):
    """A reviewer, and how many images of the export this reviewer has decided on."""

    reviewer: str
    images: Annotated[int, "count(*)"]


@dataclass
class Facts:
    """Numbers of images in an export."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By region, label and split."""
    models: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By name and fingerprint."""
    parameters: dict[str, Counter[object]] = field(
        default_factory=lambda: {name: Counter() for name in _PARAMETERS}
    )
    """By value, for each parameter."""
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    """By width and height in the export."""
    decisions: Counter[str] = field(default_factory=Counter)
    """By the decision of the dataset."""
    first: str = ""
    """When the first image was generated: ISO 8601 in UTC."""
    last: str = ""

    def add(self, image: Exported) -> None:
        """Count ``image``."""
        record = image.record
        self.counts[record.task.region, record.label, image.split] += 1
        self.models[record.provenance.model, record.provenance.model_fingerprint] += 1
        values = {**vars(record.task.parameters), "negative_prompt": record.task.negative_prompt}
        for name, counter in self.parameters.items():
            counter[values[name]] += 1
        self.sizes[image.size] += 1
        self.decisions[image.conclusion.decision] += 1
        created = record.provenance.created
        self.first = min(self.first or created, created)
        self.last = max(self.last, created)

    @property
    def images(self) -> int:
        """The number of images."""
        return self.counts.total()

    @property
    def splits(self) -> dict[str, int]:
        """The number of images of each split that has any."""
        found = Counter[str]()
        for (_, _, split), images in self.counts.items():
            found[split] += images
        return {name: found[name] for name in ORDER if found[name]}

    @property
    def labels(self) -> list[tuple[str, str]]:
        """Region and label of each label, sorted."""
        return sorted({(region, label) for region, label, _ in self.counts})


def reviewers_of(database: Database, record_ids: list[int]) -> list[ReviewerImages]:
    """Who has decided on these images, by name.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    return database.select(
        ReviewerImages,
        "FROM reviews WHERE decision != 'undecided' AND record_id IN"
        " (SELECT value FROM json_each(?)) GROUP BY reviewer ORDER BY reviewer",
        (json.dumps(record_ids),),
    )
