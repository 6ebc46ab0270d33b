"""U-2-Net and IS-Net, with the tensor names of the published files: they see what a picture shows.

After Qin et al., "U^2-Net: Going deeper with nested U-structure for salient object detection"
(2020), and "Highly accurate dichotomous image segmentation" (2022).
"""

import torch
from torch import nn
from torch.nn import functional


class Convolution(nn.Module):
    """3 x 3, normalised, rectified."""

    def __init__(self, wide: int, out: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv_s1 = nn.Conv2d(wide, out, 3, padding=dilation, dilation=dilation)
        self.bn_s1 = nn.BatchNorm2d(out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.bn_s1(self.conv_s1(x)))


class ResidualU(nn.Module):
    """A U of `depth` levels with a shortcut around it; `is_flat` widens steps, not pixels."""

    def __init__(self, depth: int, wide: int, middle: int, out: int, *, is_flat=False) -> None:
        super().__init__()
        self.depth, self.is_flat = depth, is_flat
        self.rebnconvin = Convolution(wide, out)
        for level in range(1, depth + 1):
            dilation = 2 ** (level - 1) if is_flat else 1 + (level == depth)
            first = out if level == 1 else middle
            self.add_module(f"rebnconv{level}", Convolution(first, middle, dilation))
        for level in range(depth - 1, 0, -1):
            last = out if level == 1 else middle
            dilation = 2 ** (level - 1) if is_flat else 1
            self.add_module(f"rebnconv{level}d", Convolution(2 * middle, last, dilation))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        start = x = self.rebnconvin(x)
        down: list[torch.Tensor] = []
        for level in range(1, self.depth + 1):
            is_pooled = not self.is_flat and 1 < level < self.depth
            x = self.get_submodule(f"rebnconv{level}")(halved(x) if is_pooled else x)
            down.append(x)
        for level in range(self.depth - 1, 0, -1):
            beside = down[level - 1]
            joined = torch.cat((enlarged(x, beside), beside), 1)
            x = self.get_submodule(f"rebnconv{level}d")(joined)
        return x + start


class NestedU(nn.Module):
    """Six stages down and five up; a side answer at each of the six sizes."""

    def __init__(
        self, stages: tuple[tuple[int, int, int], ...], ups: tuple[tuple[int, int, int], ...]
    ):
        """(channels in, in the middle, out) of stages 1 to 6, and of 1d to 5d."""
        super().__init__()
        for number, sizes in enumerate(stages, 1):
            self.add_module(f"stage{number}", _unit(number, sizes))
        for number, sizes in enumerate(ups, 1):
            self.add_module(f"stage{number}d", _unit(number, sizes))
        outs = (*(out for _, _, out in ups), stages[5][2])
        for number, out in enumerate(outs, 1):
            self.add_module(f"side{number}", nn.Conv2d(out, 1, 3, padding=1))

    def levels(self, x: torch.Tensor) -> list[torch.Tensor]:
        """What stages 1d to 5d, and 6, make of it."""
        down: list[torch.Tensor] = []
        for number in range(1, 7):
            x = self.get_submodule(f"stage{number}")(halved(x) if number > 1 else x)
            down.append(x)
        found = [x]
        for number in range(5, 0, -1):
            beside = down[number - 1]
            x = self.get_submodule(f"stage{number}d")(torch.cat((enlarged(x, beside), beside), 1))
            found.insert(0, x)
        return found


class U2NetP(NestedU):
    """The small U-2-Net: (1, 3, 320, 320) normalised -> (1, 1, 320, 320), 0..1."""

    def __init__(self) -> None:
        super().__init__(((3, 16, 64), *[(64, 16, 64)] * 5), ((128, 16, 64),) * 5)
        self.outconv = nn.Conv2d(6, 1, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        levels = self.levels(pixels)
        sides = [self.get_submodule(f"side{n}")(level) for n, level in enumerate(levels, 1)]
        return torch.sigmoid(self.outconv(torch.cat([enlarged(s, sides[0]) for s in sides], 1)))


class IsNet(NestedU):
    """IS-Net for general use: (1, 3, 1024, 1024) within -0.5..0.5 -> (1, 1, 1024, 1024), 0..1."""

    def __init__(self) -> None:
        stages = (
            (64, 32, 64),
            (64, 32, 128),
            (128, 64, 256),
            (256, 128, 512),
            (512, 256, 512),
            (512, 256, 512),
        )
        ups = ((128, 16, 64), (256, 32, 64), (512, 64, 128), (1024, 128, 256), (1024, 256, 512))
        super().__init__(stages, ups)
        self.conv_in = nn.Conv2d(3, 64, 3, stride=2, padding=1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        finest = self.get_submodule("side1")(self.levels(self.conv_in(pixels))[0])
        return torch.sigmoid(enlarged(finest, pixels))


def _unit(number: int, sizes: tuple[int, int, int]) -> ResidualU:
    return ResidualU(max(8 - number, 4), *sizes, is_flat=number > 4)


def halved(x: torch.Tensor) -> torch.Tensor:
    return functional.max_pool2d(x, 2, stride=2, ceil_mode=True)


def enlarged(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, size=like.shape[2:], mode="bilinear")
