"""Turns a model and batches of tasks into images. Besides training, only this room uses torch."""
