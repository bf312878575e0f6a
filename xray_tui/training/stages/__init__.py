"""The stages of training, and the loop that all of them run in."""
