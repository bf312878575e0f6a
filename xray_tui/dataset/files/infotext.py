"""The text that AUTOMATIC1111's web interface writes into a PNG, and that many programs read.

It consists of the prompt, a line ``Negative prompt: …`` if there is one, and a last line of
``Name: value`` pairs (``modules/infotext_utils.py`` of that project).
"""

from __future__ import annotations

import json
import re

from xray_tui.dataset.records import Provenance
from xray_tui.parameters import SchedulerName
from xray_tui.tasks import Task
from xray_tui.text import clean

_MARKER = re.compile(r"\b(negative prompt|steps):", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

SAMPLERS: dict[SchedulerName, str] = {
    "dpm++-2m": "DPM++ 2M",
    "dpm++-2m-karras": "DPM++ 2M Karras",
    "dpm++-2m-sde": "DPM++ 2M SDE",
    "dpm++-2m-sde-karras": "DPM++ 2M SDE Karras",
    "dpm++-single": "DPM++ 2S",
    "dpm++-single-karras": "DPM++ 2S Karras",
    "ddim": "DDIM",
    "ddpm": "DDPM",
    "pndm": "PLMS",
    "euler": "Euler",
    "euler-karras": "Euler Karras",
    "euler-a": "Euler a",
    "heun": "Heun",
    "heun-karras": "Heun Karras",
    "dpm2": "DPM2",
    "dpm2-karras": "DPM2 Karras",
    "dpm2-a": "DPM2 a",
    "dpm2-a-karras": "DPM2 a Karras",
    "lms": "LMS",
    "lms-karras": "LMS Karras",
    "deis": "DEIS",
    "deis-karras": "DEIS Karras",
    "unipc": "UniPC",
    "unipc-karras": "UniPC Karras",
    "sa-solver": "SA-Solver",
    "lcm": "LCM",
    "tcd": "TCD",
}
"""The names of the schedulers in other programs."""


def infotext(task: Task, provenance: Provenance) -> str:
    """Prompt, negative prompt and settings of ``task``, in two or three lines.

    Control characters are replaced. Where a prompt holds one of the words that readers look for, a
    space is put before its colon, which changes nothing for a model.
    """
    settings = task.parameters
    fields = {
        "Steps": settings.steps,
        "Sampler": SAMPLERS[settings.scheduler],
        "CFG scale": settings.guidance_scale,
        "Seed": task.seed,
        "Size": f"{settings.width}x{settings.height}",
        "Model": provenance.model,
        "Model hash": _short_hash(task.model_fingerprint),
        "Version": f"xray-tui {provenance.versions.get('xray-tui', '?')}",
    }
    lines = [_prompt_line(task.text)]
    if task.negative_prompt:
        lines.append(f"Negative prompt: {_prompt_line(task.negative_prompt)}")
    lines.append(", ".join(f"{name}: {_quoted(str(value))}" for name, value in fields.items()))
    return "\n".join(lines)


def _short_hash(fingerprint: str) -> str:
    """The first ten digits of a SHA-256, or of a hub revision (``owner/name@revision``)."""
    return _one_line(fingerprint.rpartition("@")[2])[:10]


def _prompt_line(text: str) -> str:
    """A prompt in one line. Joiners and marks of direction stay: they belong to some scripts."""
    line = _CONTROL.sub(lambda found: clean(found[0]), " ".join(text.split()))
    return _MARKER.sub(r"\1 :", line)


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))


def _quoted(value: str) -> str:
    value = _one_line(value)
    return json.dumps(value, ensure_ascii=False) if set(value) & set(',:"') else value
