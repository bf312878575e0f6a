"""Copies of the images for training code: what is chosen, how it is split, and the formats."""
