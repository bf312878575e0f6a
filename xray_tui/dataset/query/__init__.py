"""The query line of the review: words, fields, SQL, completion, saved filters."""
