"""The statistics screen: the progress of each label towards its target."""
