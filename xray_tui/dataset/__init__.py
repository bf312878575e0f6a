"""The dataset: images in folders, metadata.jsonl, and the catalog in ``.xray-tui/``."""
