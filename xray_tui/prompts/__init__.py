"""The prompt library: its schema, how it is read, slots, and edits that keep comments."""
