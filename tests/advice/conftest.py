from support.run_command import run_command

__all__ = ["run_command"]
