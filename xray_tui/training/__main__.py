"""``python -m xray_tui.training``: runs every stage in order, each from its saved state."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xray_tui.models.catalogue import bundled_path
from xray_tui.training.command_line import add_folders, exit_code


def main() -> int:
    """Parse the command line and run every stage; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m xray_tui.training",
        description="Trains a checkpoint in stages. Run it again to resume after an interruption.",
    )
    add_folders(parser)
    for name, stage, minutes in (
        ("vae", "autoencoder", 45),
        ("decoder", "decoder alone", 20),
        ("denoiser", "denoiser", 60),
    ):
        parser.add_argument(
            f"--{name}-minutes",
            type=float,
            default=minutes,
            metavar="MINUTES",
            help=f"time to train the {stage}, over all runs (default: %(default)s)",
        )
    parser.add_argument(
        "--target",
        type=Path,
        default=bundled_path(),
        metavar="DIR",
        help="where the checkpoint is written (default: the bundled one is replaced)",
    )
    parser.add_argument(
        "--begin-from",
        type=Path,
        metavar="CHECKPOINT",
        help="start from a finished checkpoint if --work has no saved state yet",
    )
    values = vars(parser.parse_args())

    def run() -> None:
        from xray_tui.training.pipeline import Options, train_checkpoint  # imports torch: slow

        train_checkpoint(Options(**values))

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
