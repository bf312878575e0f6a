"""What can be computed from pixels: flaws, perceptual hashes, near duplicates."""
