"""The prompt library pane and the prompt editor."""
