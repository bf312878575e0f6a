"""`xray-tui jobs`: lists and changes the queue."""
