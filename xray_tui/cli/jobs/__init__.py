"""`xray-tui jobs`: what is queued, and changing it."""
