"""The commands that sum a dataset up: numbers, and a sheet of its images."""
