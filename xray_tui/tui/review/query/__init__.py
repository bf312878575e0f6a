"""The query line of the review, and what it offers while one types."""
