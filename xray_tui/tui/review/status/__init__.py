"""The line below the images: place, counts, pace and filter."""
