"""The review: decisions, undo, labels, targets, merging and export."""
