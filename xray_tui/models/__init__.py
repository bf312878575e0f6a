"""Model catalogue: finds and checks the model that a reference names, without loading torch."""
