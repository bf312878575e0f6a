"""Jobs and tasks in the catalog."""
