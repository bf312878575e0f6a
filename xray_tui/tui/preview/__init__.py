"""The preview pane: the image in progress, and the latest finished ones."""
