"""The query line of the review, and the completions it offers."""
