"""Another process on the same dataset, which prints its events.

``python -m support.other_process engine ROOT`` loads the model and then generates images until its
standard input ends; ``… saver ROOT`` saves images without a model, and ``… opener ROOT`` opens the
dataset again and again. ``… queue ROOT`` calls the queue's method named in each line of input, with
the rest of the line, JSON, as arguments.
"""

from __future__ import annotations

import json
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from support.fork_server import ONE_THREAD

TIMEOUT = 120.0


class OtherProcess:
    """The tests' side of the process."""

    def __init__(self, kind: str, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.other_process", kind, str(root)],
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(Path(__file__).parents[1])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.printed: list[list[str]] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._pump, daemon=True).start()
        assert self.read() == ["ready"]

    def read(self) -> list[str]:
        """The words of the next line it prints: for example the name of an event and its job."""
        words = self._lines.get(timeout=TIMEOUT).split()
        assert words, f"the process ended; it printed {self.printed}"
        self.printed.append(words)
        return words

    def wait_for(self, *words: str) -> None:
        """Read until it prints a line that begins with ``words``."""
        while self.read()[: len(words)] != list(words):
            pass

    def call(self, method: str, *arguments: Any) -> None:
        """Make it call a method of its queue; returns when that call has returned."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{method} {json.dumps(arguments)}\n")
        self.process.stdin.flush()
        self.wait_for("called", method)

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Close its input, and wait until it has ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(TIMEOUT)

    def _pump(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put("")


@contextmanager
def start_other(kind: str, root: Path) -> Iterator[OtherProcess]:
    """A process of this kind, ended at the end of the block."""
    other = OtherProcess(kind, root)
    try:
        yield other
    finally:
        other.end()


def main(kind: str, root: Path) -> None:
    kinds = {
        "engine": run_engine,
        "queue": change_queue,
        "saver": save_images,
        "opener": open_repeatedly,
    }
    kinds[kind](root)


def change_queue(root: Path) -> None:
    from xray_tui.dataset.dataset import Dataset

    dataset = Dataset(root)
    print("ready", flush=True)
    for line in sys.stdin:
        method, arguments = line.split(maxsplit=1)
        getattr(dataset.queue, method)(*json.loads(arguments))
        print("called", method, flush=True)


def save_images(root: Path) -> None:
    from support.dataset_samples import make_image, make_provenance, make_task

    from xray_tui.dataset.dataset import Dataset

    dataset = Dataset(root)
    print("ready", flush=True)
    for seed in count(1000):
        if _input_ended():
            return
        dataset.save(make_image(seed), make_task(seed), make_provenance(), "")
        print("saved", seed, flush=True)


def open_repeatedly(root: Path) -> None:
    from xray_tui.dataset.dataset import Dataset

    print("ready", flush=True)
    while not _input_ended():
        dataset = Dataset(root)
        dataset.close()
        found = dataset.mended
        touched = found and (found.temporaries or found.adopted or found.quarantined or found.lost)
        print(f"mended {found}" if touched else "opened", flush=True)


def _input_ended() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def run_engine(root: Path) -> None:
    from xray_tui.generation.sampling.sampler import Sampler
    from xray_tui.models.catalogue import resolve
    from xray_tui.models.hub.environment import prepare_environment

    prepare_environment()
    import torch

    torch.set_num_threads(1)
    sampler = Sampler()
    sampler.load(resolve("bundled"), "cpu", "auto", lambda text, fraction: None)

    from xray_tui.dataset.dataset import Dataset
    from xray_tui.generation.events import Event
    from xray_tui.generation.running.engine import Engine

    def listen(event: Event) -> None:
        state = getattr(event, "state", "")
        print(type(event).__name__, getattr(event, "job_id", "-"), state, flush=True)

    dataset = Dataset(root)
    print("ready", flush=True)
    engine = Engine(dataset, listen, sampler=sampler)
    engine.start()
    sys.stdin.read()
    engine.stop(finish_current=False)
    engine.join()
    dataset.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
