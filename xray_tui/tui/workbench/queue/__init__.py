"""The actions on the queue: what the keys of the queue pane do, and how it is undone."""
