"""The formats of an export: where an image goes, and what says what it is."""
