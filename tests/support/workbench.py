"""The whole app with a real engine, a dataset and the bundled checkpoint."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support.textual_internals import screen_text

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.prompts.library import default_path
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.tui.app import XrayTuiApp
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.screen import WorkbenchScreen

QUICK = {"steps": 2, "seed": 7}


class Workbench(XrayTuiApp):
    """The app on a dataset in ``folder``."""

    def __init__(
        self,
        folder: Path,
        library: Path | LibraryChoice | None = None,
        theme: Any = "reading-room",
        memory: Memory | None = None,
        keys: Mapping[str, str] = MappingProxyType({}),
        **generation: Any,
    ) -> None:
        self.dataset = Dataset(folder / "dataset")
        if memory is None:
            memory = Memory()  # of a user who needs no hints
            memory.remember_for_user(hints_done=True)
        if not isinstance(library, LibraryChoice):
            library = LibraryChoice(library or default_path())
        super().__init__(
            Settings(
                **({"theme": theme} if theme else {}),
                keys=dict(keys),
                generation={**QUICK, **generation},
            ),
            library,
            self.dataset,
            memory,
        )

    @asynccontextmanager
    async def run_test(self, **options: Any) -> AsyncIterator[Any]:
        """Run the app and wait for the panes."""
        async with super().run_test(**options) as pilot:
            await self.wait_until_open(pilot)
            yield pilot

    async def wait_until_open(self, pilot: Any) -> None:
        """Wait until the workbench is open."""
        await self.until(lambda: isinstance(self.screen, WorkbenchScreen))
        await pilot.pause()

    @property
    def workbench(self) -> WorkbenchScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, WorkbenchScreen))

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    @property
    def counts(self) -> str:
        """The counts of the first prompt in the list: ``images (accepted)``."""
        found = re.search(r"normal-adult +(\d+( \(\d+\))?)", self.text)
        return found[1] if found else ""

    async def until(self, condition: Callable[[], object], seconds: float = 90) -> None:
        """Wait until ``condition`` is true; other threads may make it so."""
        end = time.monotonic() + seconds
        begin = time.thread_time()
        while not condition():
            assert time.monotonic() < end, f"timed out\n{self.text}"
            # reading the screen takes time that the app and its engine need
            await asyncio.sleep(max(0.02, 3 * (time.thread_time() - begin)))
            begin = time.thread_time()

    async def shows(self, text: str, seconds: float = 90) -> None:
        """Wait until ``text`` is on the screen."""
        await self.until(lambda: text in self.text, seconds)

    async def logs(self, text: str, seconds: float = 90) -> None:
        """Wait until a line in the log pane contains ``text``."""
        lines = self.workbench.query_one(LogView)._lines
        await self.until(lambda: any(text in line.text for line in lines), seconds)

    def finish(self) -> None:
        """End the engine's thread before the folder of the test is removed."""
        self.engine.stop(finish_current=False)
        self.engine.join(60)
        self.dataset.close()
