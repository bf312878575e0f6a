"""The hints for a user's first images, one at a time, in a row of their own."""
