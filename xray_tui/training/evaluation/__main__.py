"""``python -m xray_tui.training.evaluation``: evaluates a checkpoint and updates its model card."""

from __future__ import annotations

import argparse
import sys

from xray_tui.training.command_line import add_checkpoint, add_folders, exit_code


def main() -> int:
    """Parse the command line and evaluate the checkpoint; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m xray_tui.training.evaluation",
        description="Evaluates a checkpoint and writes the results into its model card.",
    )
    add_folders(parser)
    add_checkpoint(parser, "the checkpoint to evaluate")
    for option, default, text in (
        ("--count", 50, "generated images of each bundled prompt (default: %(default)s)"),
        ("--classifier-steps", 1500, "training steps of the classifier (default: %(default)s)"),
        ("--limit", None, "use only this many training and held-out images, for a quick try"),
    ):
        parser.add_argument(option, type=int, default=default, metavar="N", help=text)
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
