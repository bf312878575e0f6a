"""Notices when a new version of torch changes the private parts that are used here."""

from __future__ import annotations

import torch

from xray_tui.training.stages.torch_internals import cpu_has_bfloat16, move_towards


def test_tensors_move_by_a_share_of_the_way() -> None:
    tensors = [torch.zeros(2), torch.ones(3)]
    kept = tensors[0]
    move_towards(tensors, [torch.full((2,), 4.0), torch.full((3,), 5.0)], 0.25)
    assert tensors[0] is kept and kept.tolist() == [1.0, 1.0]
    assert tensors[1].tolist() == [2.0, 2.0, 2.0]


def test_the_cpu_says_whether_it_computes_bfloat16() -> None:
    assert isinstance(torch.ops.mkldnn._is_mkldnn_bf16_supported(), bool)
    assert cpu_has_bfloat16() == torch.ops.mkldnn._is_mkldnn_bf16_supported()
