"""MI-GAN's generator (Sargsyan et al., 2023) with the tensor names of the published files."""

import torch
from torch import nn

SIDES = (512, 256, 128, 64, 32, 16, 8, 4)


def channels(side: int) -> int:
    return min(32768 // side, 512)


def active(x: torch.Tensor) -> torch.Tensor:
    return (nn.functional.leaky_relu(x, 0.2) * 2**0.5).clamp(-256, 256)


class Down(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.filter = nn.Conv2d(width, width, 4, stride=2, padding=1, groups=width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.filter(x)


class Up(nn.Module):
    """Zeros between the pixels, then a filter."""

    def __init__(self, width: int, side: int) -> None:
        super().__init__()
        self.filter = nn.Conv2d(width, width, 4, groups=width, bias=False)
        corner = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
        self.register_buffer("filter_const", corner.repeat(1, 1, side // 2, side // 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.interpolate(x, scale_factor=2.0) * self.filter_const
        return self.filter(nn.functional.pad(x, (2, 1, 2, 1)))


class Separable(nn.Module):
    """A convolution by channel, one by pixel; smaller, larger or as before; noise at the end."""

    def __init__(self, wide: int, out: int, *, side: int = 0, down=False, up=False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)
        self.conv2 = nn.Conv2d(wide, out, 1, bias=False)
        self.downsample = Down(wide) if down else None
        self.upsample = Up(out, side) if up else None
        self.noisy = side > 0
        if self.noisy:
            self.register_buffer("noise_const", torch.randn(side, side))
            self.noise_strength = nn.Parameter(torch.zeros([]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = active(self.conv1(x))
        x = self.conv2(x if self.downsample is None else self.downsample(x))
        x = x if self.upsample is None else self.upsample(x)
        return active(x + self.noise_const * self.noise_strength if self.noisy else x)


class Seeing(nn.Module):
    def __init__(self, side: int) -> None:
        super().__init__()
        width, below = channels(side), channels(max(side // 2, 4))
        self.fromrgb = nn.Conv2d(4, width, 1) if side == SIDES[0] else None
        self.conv1 = Separable(width, width)
        self.conv2 = Separable(width, below, down=side > 4)


class Drawing(nn.Module):
    def __init__(self, side: int) -> None:
        super().__init__()
        width, noise = channels(side), side if side > 4 else 0
        self.conv1 = Separable(channels(max(side // 2, 4)), width, side=noise, up=side > 4)
        self.conv2 = Separable(width, width, side=noise)
        self.torgb = nn.Conv2d(width, 3, 1)
        self.upsample = Up(3, side) if side > 4 else None


class Generator(nn.Module):
    """(1, 4, 512, 512): 0.5 outside the hole and -0.5 in it, the picture -1..1 with 0 in it."""

    def __init__(self) -> None:
        super().__init__()
        self.synthesis = nn.ModuleDict({f"b{side}": Drawing(side) for side in SIDES[::-1]})
        self.encoder = nn.ModuleDict({f"b{side}": Seeing(side) for side in SIDES})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen: dict[str, torch.Tensor] = {}
        for name, block in self.encoder.items():
            x = x if block.fromrgb is None else active(block.fromrgb(x))
            seen[name] = block.conv1(x)
            x = block.conv2(seen[name])
        drawn: torch.Tensor | None = None
        for name, block in self.synthesis.items():
            x = block.conv2(block.conv1(x) + seen[name])
            shades = block.torgb(x)
            drawn = shades if drawn is None else block.upsample(drawn) + shades
        assert drawn is not None
        return drawn
