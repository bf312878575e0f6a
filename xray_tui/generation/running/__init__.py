"""The engine: decides which job runs, stops jobs on request, and emits events."""
