"""Prompt embeddings, computed once for each distinct text and kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from xray_tui.text import counted, quoted

if TYPE_CHECKING:
    import torch

_KEPT = 256


class Embeddings:
    """Encodes texts with one pipeline's text encoder; keeps the 256 most recently used."""

    def __init__(self, pipeline: Any, device: torch.device) -> None:
        self._pipeline = pipeline
        self._device = device
        self._kept: OrderedDict[str, tuple[torch.Tensor, str]] = OrderedDict()

    def of(self, texts: Sequence[str], warn: Callable[[str], None]) -> torch.Tensor:
        """Embeddings of shape (texts, tokens, width), in the order of ``texts``.

        ``warn`` is called once for each text that is longer than the encoder can read.
        """
        import torch

        known = {text: self._encoded(text) for text in dict.fromkeys(texts)}
        for _, warning in known.values():
            if warning:
                warn(warning)
        return torch.cat([known[text][0] for text in texts])

    def _encoded(self, text: str) -> tuple[torch.Tensor, str]:
        known = self._kept.get(text)
        if known is None:
            row = self._pipeline.encode_prompt(text, self._device, 1, False)[0]
            known = (row, self._length_warning(text))
            self._kept[text] = known
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(text)
        return known

    def _length_warning(self, text: str) -> str:
        """A warning if the model ignores the end of ``text``, otherwise an empty string."""
        tokenizer = self._pipeline.tokenizer
        limit = int(tokenizer.model_max_length)
        count = len(tokenizer(text, truncation=False).input_ids)
        if count <= limit:
            return ""
        return (
            f"a text has {counted(count, 'token')}, but the model reads only {limit}; it ignores "
            f"the last {count - limit} of {quoted(text)}"
        )
