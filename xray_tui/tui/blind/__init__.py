"""Blind reading: telling real images from synthetic ones, without knowing which is which."""
