"""A CLIP tokenizer with a small vocabulary: each word of the captions is one token.

Byte-pair merges are learned from the words until each word is one token, so an unknown word still
splits into known pieces (Sennrich et al. 2016, arXiv:1508.07909; CLIP: Radford et al. 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import CLIPTokenizer

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
END_OF_WORD = "</w>"
MAX_LENGTH = 77


def train_tokenizer(texts: Iterable[str]) -> CLIPTokenizer:
    """A tokenizer in which every word of ``texts`` is a single token."""
    blank = CLIPTokenizer()
    learner = Tokenizer(BPE(end_of_word_suffix=END_OF_WORD))
    learner.normalizer = blank.backend_tokenizer.normalizer
    learner.pre_tokenizer = blank.backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=20_000,
        min_frequency=1,
        end_of_word_suffix=END_OF_WORD,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learner.train_from_iterator(sorted(set(texts)), trainer)
    words = sorted(learner.get_vocab(), key=lambda word: learner.get_vocab()[word])
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + END_OF_WORD for letter in letters), *words]
    ordered = dict.fromkeys([*pieces, BEGIN, END])
    vocabulary = {piece: number for number, piece in enumerate(ordered)}
    merges = [tuple(pair) for pair in _merges(learner)]
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=MAX_LENGTH)


def token_table(
    captions: Sequence[Sequence[str]], tokenizer: CLIPTokenizer
) -> npt.NDArray[np.int16]:
    """The token numbers of N×K captions, padded: N×K×77."""
    texts = list(dict.fromkeys(chain.from_iterable(captions)))
    row_of = {text: row for row, text in enumerate(texts)}
    tokens = tokenizer(texts, padding="max_length", truncation=True, return_tensors="np")
    rows = [[row_of[text] for text in of_image] for of_image in captions]
    table: npt.NDArray[np.int16] = tokens.input_ids.astype(np.int16)[np.array(rows)]
    return table


def _merges(learner: Tokenizer) -> list[list[str]]:
    import json

    merges: list[list[str]] = json.loads(learner.to_str())["model"]["merges"]
    return [pair.split(" ") if isinstance(pair, str) else pair for pair in merges]
