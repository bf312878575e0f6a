"""Model catalogue: what a model reference names, checked before torch is ever loaded."""
