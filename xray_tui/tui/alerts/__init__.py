"""Calls the user when a job ends, fails or waits: bell, notification and progress."""
