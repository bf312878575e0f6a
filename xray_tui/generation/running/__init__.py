"""The engine: which job runs, where it can be stopped, which events it emits."""
