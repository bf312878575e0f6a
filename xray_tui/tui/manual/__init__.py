"""The manual in the app: its pages, and the search through all of them."""
