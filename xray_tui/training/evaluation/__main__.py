"""``python -m xray_tui.training.evaluation``: evaluates a checkpoint and updates its model card."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xray_tui.models.catalogue import bundled_path
from xray_tui.training.command_line import add_folders, exit_code

CLASSIFIER_STEPS = 1500


def main() -> int:
    """Parse the command line and evaluate the checkpoint; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m xray_tui.training.evaluation", description=__doc__
    )
    add_folders(parser)
    parser.add_argument("--checkpoint", type=Path, default=bundled_path(), metavar="DIR")
    parser.add_argument(
        "--count", type=int, default=50, help="images of each bundled prompt (default: 50)"
    )
    parser.add_argument("--classifier-steps", type=int, default=CLASSIFIER_STEPS)
    parser.add_argument(
        "--limit", type=int, help="use only about this many real images, for a quick try"
    )
    values = vars(parser.parse_args())

    def run() -> None:
        from xray_tui.training.card import write_card  # these import torch, which takes seconds
        from xray_tui.training.evaluation.evaluation import Options, evaluate
        from xray_tui.training.evaluation.table import as_markdown

        options = Options(**values)
        print(as_markdown(evaluate(options)))
        write_card(options.checkpoint, options.work, options.data)

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
