"""Models of the Hugging Face hub: cache, download, errors."""
