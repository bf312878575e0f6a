"""What the app remembers from one start to the next: of each dataset, and of the user."""
