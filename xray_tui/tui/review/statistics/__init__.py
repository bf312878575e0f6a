"""The statistics screen: progress of each label, and its target."""
