"""The command ``xray-tui``, which is the same as ``python -m xray_tui``."""

import sys


def main() -> None:
    """Answer the shell that completes a line, or run the command line."""
    from xray_tui.cli.completion.answer import answer_shell

    if not answer_shell(sys.argv[1:]):
        from xray_tui.cli.main import main as run

        run()


if __name__ == "__main__":
    main()
