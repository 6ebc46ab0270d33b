"""LaMa with random weights that give something to compare."""

from functools import cache

import torch
from spandrel.architectures.LaMa import LaMa


@cache
def network() -> LaMa:
    torch.manual_seed(5)
    net = LaMa(in_nc=4, out_nc=3)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.uniform_(-0.1, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return net.eval()
