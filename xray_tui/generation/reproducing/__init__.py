"""Making images again from what their files record, and comparing the two."""
