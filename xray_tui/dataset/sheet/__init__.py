"""Contact sheets: some images of each label on one picture, for a report."""
