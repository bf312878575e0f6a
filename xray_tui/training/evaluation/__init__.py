"""Judges a checkpoint with a classifier of its own and puts the numbers into the model card.

``python -m xray_tui.training.evaluation --data DIR --work DIR``; what is slow is kept in
``WORK/evaluation`` and made once.
"""
