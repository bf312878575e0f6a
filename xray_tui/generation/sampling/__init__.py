"""Models and batches become pixels. Only this package imports torch."""
