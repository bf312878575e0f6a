"""Evaluates a checkpoint with a classifier of real images and updates the model card.

``python -m xray_tui.training.evaluation --data DIR --work DIR``; slow intermediate results are
saved in ``WORK/evaluation`` and reused.
"""
