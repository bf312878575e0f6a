"""Numbers about a dataset: its images by label, prompt, parameter or slot, and its reviewers."""
