"""How an image was generated, as the facts that its file records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xray_tui.dataset.records import Provenance
from xray_tui.generation.sampling.batch_fitter import SampledTask

if TYPE_CHECKING:
    from xray_tui.generation.sampling.loading import LoadedModel


def provenance_of(item: SampledTask, model: LoadedModel, seconds: float) -> Provenance:
    """The provenance of an image that ``model`` made just now.

    ``seconds`` is the time of its batch divided by its number of images. Call it with the number of
    threads that sampled the image.
    """
    return Provenance(
        model=item.task.parameters.model,
        model_fingerprint=model.fingerprint,
        model_files=model.files,
        versions=model.versions,
        device=str(model.device),
        dtype=model.dtype_name,
        batch_size=item.batch_size,
        batch_position=item.position,
        threads=model.threads,
        created=datetime.now(UTC).isoformat("T", "seconds"),
        seconds=seconds,
    )
