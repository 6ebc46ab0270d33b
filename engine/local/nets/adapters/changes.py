"""Changes that a LoRA makes to one module: computed where the module runs, never merged into it.

Sources: LoRA (Hu and others, 2021), LoHa and CP decomposition (FedPara, 2021), LoKr (KronA, 2022),
DoRA (Liu and others, 2024), in the forms that PEFT and LyCORIS save.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

Shape = tuple[int, ...]


class WeightChange(torch.nn.Module):
    """What is added to a module's output at full strength. Buffers move with the network."""

    def __init__(self, bias: torch.Tensor | None, **tensors: torch.Tensor | None) -> None:
        super().__init__()
        for name, tensor in (("bias", bias), *tensors.items()):
            self.register_buffer(name, tensor, persistent=False)

    def delta(self) -> torch.Tensor:
        """The change of the weight, (out, in) or (out, in, k, k)."""
        raise TypeError("this change is not one of a weight")

    def added(self, x: torch.Tensor, base: Any, out: torch.Tensor) -> torch.Tensor:
        """For the module's input `x`; `out` is what the module alone makes of it."""
        return self._biased(_applied(x, self.delta().to(x.dtype), base), x)

    def rows(self, pieces: Sequence[slice]) -> "WeightChange":
        """The same change for some rows of the output."""
        return RowsOf(self, tuple(pieces))

    def _biased(self, added: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        bias: Any = self.bias
        return added if bias is None else added + _at_channels(bias.to(x.dtype), added, x)


class LowRank(WeightChange):
    """up @ down, the scale in `up`; with `mid` a convolution in CP form."""

    def __init__(
        self,
        down: torch.Tensor,  # (r, in) or (r, in, k, k); with mid (r, in, 1, 1)
        up: torch.Tensor,  # (out, r) or (out, r, 1, 1)
        mid: torch.Tensor | None = None,  # (r, r, k, k)
        bias: torch.Tensor | None = None,
    ) -> None:
        super().__init__(bias, down=down, up=up, mid=mid)

    def delta(self) -> torch.Tensor:
        down, up, mid = self._parts()
        if mid is not None:
            return _tucker(mid, up.flatten(1).T, down.flatten(1))
        return (up.flatten(1) @ down.flatten(1)).reshape(len(up), *down.shape[1:])

    def added(self, x: torch.Tensor, base: Any, out: torch.Tensor) -> torch.Tensor:
        down, up, mid = self._parts()
        if mid is None:
            hidden = _applied(x, down, base)
        else:
            hidden = _applied(functional.conv2d(x, down), mid, base)
        made = functional.conv2d(hidden, up) if up.ndim == 4 else functional.linear(hidden, up)
        return self._biased(made, x)

    def rows(self, pieces: Sequence[slice]) -> WeightChange:
        down, up, mid = self._parts()
        bias: Any = self.bias
        kept = None if bias is None else _rows(bias, pieces)
        return LowRank(down, _rows(up, pieces), mid, kept)

    def _parts(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        parts: Any = (self.down, self.up, self.mid)
        return parts


class Hadamard(WeightChange):
    """LoHa: two products of low rank, multiplied number by number."""

    def __init__(self, parts: dict[str, torch.Tensor], scale: float, shape: Shape) -> None:
        bias = parts.get("diff_b")
        named = {name: parts.get(name) for name in _HADAMARD}
        super().__init__(bias, **named)
        self._scale, self._shape = scale, shape

    def delta(self) -> torch.Tensor:
        found: Any = [getattr(self, name) for name in _HADAMARD]
        w1a, w1b, w2a, w2b, t1, t2 = found
        one = w1a @ w1b if t1 is None else _tucker(t1, w1a, w1b)
        two = w2a @ w2b if t2 is None else _tucker(t2, w2a, w2b)
        return _shaped(one * two * self._scale, self._shape)


_HADAMARD = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2")


class Kronecker(WeightChange):
    """LoKr: a Kronecker product, each side whole or of low rank."""

    def __init__(self, parts: dict[str, torch.Tensor], scale: float, shape: Shape) -> None:
        super().__init__(parts.get("diff_b"), **{name: parts.get(name) for name in _KRONECKER})
        self._scale, self._shape = scale, shape

    def delta(self) -> torch.Tensor:
        found: Any = [getattr(self, name) for name in _KRONECKER]
        w1, w1a, w1b, w2, w2a, w2b, t2 = found
        one = w1 if w1 is not None else w1a @ w1b
        if w2 is not None:
            two = w2
        else:
            two = w2a @ w2b if t2 is None else _tucker(t2, w2a, w2b)
        if two.ndim == 4:
            one = one[:, :, None, None]
        made = torch.kron(one.contiguous(), two.contiguous()) * self._scale
        return _shaped(made, self._shape)


_KRONECKER = ("lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b", "lokr_t2")


class Whole(WeightChange):
    """The difference of the weight as it is, or of the bias alone."""

    def __init__(self, diff: torch.Tensor | None, bias: torch.Tensor | None) -> None:
        super().__init__(bias, diff=diff)

    def delta(self) -> torch.Tensor:
        diff: Any = self.diff
        return super().delta() if diff is None else diff

    def added(self, x: torch.Tensor, base: Any, out: torch.Tensor) -> torch.Tensor:
        if self.diff is not None:
            return super().added(x, base, out)
        return self._biased(torch.zeros_like(out), x)


class Norm(WeightChange):
    """Differences of the scale and the offset of a layer that normalises."""

    def __init__(self, scale: torch.Tensor | None, bias: torch.Tensor | None) -> None:
        super().__init__(bias, scale=scale)

    def added(self, x: torch.Tensor, base: Any, out: torch.Tensor) -> torch.Tensor:
        scale: Any = self.scale
        if scale is None:
            return self._biased(torch.zeros_like(out), x)
        made = _normalised(x, base)
        return self._biased(made * _at_channels(scale.to(x.dtype), made, x, base), x)


class Magnitude(WeightChange):
    """DoRA: base and change together, each row or each column brought to a length of its own.

    `gain` is that length over the one that they have. With `by_input` it is for columns.
    """

    def __init__(
        self,
        inner: WeightChange,
        gain: torch.Tensor,  # (out,), or (in,) by input
        base_bias: torch.Tensor | None,
        *,
        by_input: bool,
    ) -> None:
        super().__init__(None, gain=gain, base_bias=base_bias)
        self.inner, self._by_input = inner, by_input

    def added(self, x: torch.Tensor, base: Any, out: torch.Tensor) -> torch.Tensor:
        gain: Any = self.gain
        gain = gain.to(x.dtype)
        if self._by_input:
            wide = _at_channels(gain, x, x)
            alone = self._unbiased(base(x * (wide - 1)), x)
            return alone + self.inner.added(x * wide, base, out)
        long = _at_channels(gain, out, x)
        return (long - 1) * self._unbiased(out, x) + long * self.inner.added(x, base, out)

    def rows(self, pieces: Sequence[slice]) -> WeightChange:
        gain: Any = self.gain
        bias: Any = self.base_bias
        return Magnitude(
            self.inner.rows(pieces),
            gain if self._by_input else _rows(gain, pieces),
            None if bias is None else _rows(bias, pieces),
            by_input=self._by_input,
        )

    def _unbiased(self, out: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        bias: Any = self.base_bias
        return out if bias is None else out - _at_channels(bias.to(x.dtype), out, x)


class RowsOf(WeightChange):
    """Some rows of a change that only exists whole."""

    def __init__(self, whole: WeightChange, pieces: tuple[slice, ...]) -> None:
        bias: Any = whole.bias
        super().__init__(None if bias is None else _rows(bias, pieces))
        self.whole, self._pieces = whole, pieces

    def delta(self) -> torch.Tensor:
        return _rows(self.whole.delta(), self._pieces)


def _shaped(made: torch.Tensor, shape: Shape) -> torch.Tensor:
    """As the module's weight lies, where it has as many numbers."""
    return made.reshape(shape) if made.numel() == torch.Size(shape).numel() else made


def _rows(tensor: torch.Tensor, pieces: Sequence[slice]) -> torch.Tensor:
    return torch.cat([tensor[piece] for piece in pieces]) if len(pieces) > 1 else tensor[pieces[0]]


def _tucker(core: torch.Tensor, outer: torch.Tensor, inner: torch.Tensor) -> torch.Tensor:
    """(out, in, k, k) of a core (r, r, k, k), (r, out) and (r, in)."""
    return torch.einsum("ijkl,jr,ip->prkl", core, inner, outer)


def _applied(x: torch.Tensor, weight: torch.Tensor, base: Any) -> torch.Tensor:
    if weight.ndim == 2:
        return functional.linear(x, weight)
    return functional.conv2d(x, weight, None, base.stride, base.padding, base.dilation)


def _normalised(x: torch.Tensor, base: Any) -> torch.Tensor:
    if isinstance(base, torch.nn.GroupNorm):
        return functional.group_norm(x, base.num_groups, None, None, base.eps)
    if isinstance(base, torch.nn.LayerNorm):
        return functional.layer_norm(x, base.normalized_shape, None, None, base.eps)
    return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + base.eps).to(x.dtype)


def _at_channels(
    values: torch.Tensor, like: torch.Tensor, x: torch.Tensor, base: Any = None
) -> torch.Tensor:
    """(C,) so that it meets the channels of `like`: the second side of pictures, else the last."""
    is_picture = like.ndim == 4 or isinstance(base, torch.nn.GroupNorm)
    return values.reshape(-1, *[1] * (like.ndim - 2)) if is_picture else values
