"""The screen about one job, and the actions that it shares with the queue pane."""
