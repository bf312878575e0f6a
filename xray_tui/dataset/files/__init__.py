"""The files of a dataset: how each is written, read and kept whole."""
