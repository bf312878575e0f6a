"""Finding and repairing what a crash or a stray hand left behind."""
