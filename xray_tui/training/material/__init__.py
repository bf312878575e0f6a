"""The training data: radiographs, their captions, and the tokenizer."""
