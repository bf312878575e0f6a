"""Radiographs, their captions and the tokenizer that training starts from."""
