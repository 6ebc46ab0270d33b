"""A folder of tiny models with random weights, to walk through the program without any download.

    python -m tests.engine.local.nets.workshop FOLDER

Answers are noise; loading, running, cancelling and keeping are real. Point the program at it in
the models window, or put it where downloads go.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import safetensors.torch
import torch

from engine.local.nets.segment import sam3
from engine.models.families import Family
from tests.engine.local.nets import lama_nets, sam3_reference, tiny, tiny_loras
from tests.engine.local.nets.sam3_cases import Job, picture, search


def build(folder: Path) -> Path:
    """One of each kind that the first user's pipeline asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(_sure(sam3_reference.tensors()), folder / "sam3.pt")
    safetensors.torch.save_file(lama_nets.network().state_dict(), folder / "lama.safetensors")
    tiny.write_sd15_inpaint(folder / "sd15-inpaint.safetensors")
    tiny.write_sdxl(folder / "sdxl.safetensors")
    for seed, name in enumerate(("subject", "style"), 1):
        path = folder / f"{name}.safetensors"
        tiny_loras.write_lora(path, Family.SD15_INPAINT, "kohya", seed=seed, encoders=True)
    return folder


def _sure(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Random networks find nothing, or everything everywhere: this one finds parts."""
    presence = "detector.transformer.decoder.presence_token_head.layers.2.bias"
    pixels = "detector.segmentation_head.instance_seg_head.bias"
    tensors = tensors | {presence: tensors[presence] + 6.0}
    return tensors | {pixels: tensors[pixels] - _mean_pixel(tensors)}


def _mean_pixel(tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    """What the masks' products are taken with, on average over a picture."""
    with TemporaryDirectory() as folder:
        torch.save(tensors, Path(folder) / "sam3.pt")
        network = sam3.load(Path(folder) / "sam3.pt", torch.device("cpu"), torch.float32)
        seen: list[torch.Tensor] = []
        layer = network._detector.mask_decoder.instance_projection
        hook = layer.register_forward_hook(lambda *given: seen.append(given[2].mean((0, 2, 3))))
        embedding = network.encode(picture(network.size_px), Job())
        network.search(embedding, search("text"), Job())
        hook.remove()
    return seen[0]


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))  # noqa: T201
