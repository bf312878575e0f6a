"""The stages of training, and the loop that they all run in."""
