"""Opens the app: everything that must happen before Textual takes the terminal."""

from __future__ import annotations

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.prompts.library import default_path
from xray_tui.tui.pictures import prepare_pictures


def launch(settings: Settings) -> int:
    """Run the app on the settings' dataset and prompt library; returns the exit code.

    Raises:
        DatasetError: the dataset folder cannot be used.
    """
    dataset = Dataset(settings.dataset)  # first: its errors belong on the plain terminal
    prepare_pictures(settings.preview)  # asks the terminal, so it must come before the app
    from xray_tui.tui.app import XrayTuiApp

    app = XrayTuiApp(settings, settings.prompts or default_path(), dataset)
    try:
        app.run()
    finally:
        app.engine.stop(finish_current=False)
        app.engine.join(5)
        dataset.close()
    return app.return_code or 0
