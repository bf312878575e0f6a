"""What reviewers do: decisions, undo, labels, targets, merging, export."""
