"""The engine thread: which job runs, where it can be stopped, who is told."""
