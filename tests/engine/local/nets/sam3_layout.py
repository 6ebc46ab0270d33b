"""The tensors of the official `sam3.pt`: 1465 names and shapes, written down by the script below.

python -m tests.engine.local.nets.sam3_layout > sam3_layout.txt   (needs the `sam3` package)
"""

import itertools
import re
from pathlib import Path

import torch

TEXT = Path(__file__).with_suffix(".txt")


def layout() -> dict[str, tuple[int, ...]]:
    """Name -> shape. `blocks.{32}.norm1.weight 1024` in the file stands for 32 tensors."""
    found: dict[str, tuple[int, ...]] = {}
    for line in TEXT.read_text().splitlines():
        pattern, shape = line.split()
        sides = tuple(int(side) for side in shape.split("x"))
        counts = [range(int(count)) for count in re.findall(r"\{(\d+)\}", pattern)]
        template = re.sub(r"\{\d+\}", "{}", pattern)
        for numbers in itertools.product(*counts):
            found[template.format(*numbers)] = sides
    return found


def written(tensors: dict[str, torch.Tensor]) -> list[str]:
    """The lines for these tensors; those that differ in one number alone share a line."""
    groups: dict[str, dict[int, str]] = {}
    for name, tensor in tensors.items():
        number = re.search(r"\.(?:blocks|resblocks|layers)\.(\d+)\.", name)
        shape = "x".join(map(str, tensor.shape))
        pattern = f"{name[: number.start(1)]}{{}}{name[number.end(1) :]}" if number else name
        groups.setdefault(pattern, {})[int(number[1]) if number else -1] = shape
    lines: list[str] = []
    for pattern, shapes in groups.items():
        if len(set(shapes.values())) == 1 and list(shapes) == list(range(len(shapes))):
            lines.append(f"{pattern.format('{' + str(len(shapes)) + '}')} {shapes[0]}")
        else:
            lines += [f"{pattern.format(number)} {shape}" for number, shape in shapes.items()]
    return lines


if __name__ == "__main__":
    from tests.engine.local.nets.sam3_official import layout_of_video_model

    print("\n".join(written(layout_of_video_model())))  # noqa: T201
