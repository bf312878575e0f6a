"""The panel next to the images: everything that is known about one of them."""
