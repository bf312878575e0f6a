"""The prompt library: its schema, reading, slots, and edits that keep comments."""
