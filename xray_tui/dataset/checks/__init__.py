"""Checks computed from pixels: flaws, perceptual hashes, near duplicates."""
