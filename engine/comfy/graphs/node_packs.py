"""Names the pack that a missing node comes from, and the source of a missing model file."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from engine.comfy.errors import Lack
from engine.models import catalog
from engine.models.catalog import Catalog, CatalogEntry


class NodePack(NamedTuple):
    """Nodes that are installed together."""

    name: str  # of its folder, as ComfyUI says it
    repository: str
    registry_id: str  # in ComfyUI's registry, which managers install from


LAMA = NodePack(
    "comfyui-lama-remover",
    "https://github.com/Layer-norm/comfyui-lama-remover",
    "comfyui-lama-remover",
)
SAM3 = NodePack("ComfyUI-SAM3", "https://github.com/PozzettiAndrea/ComfyUI-SAM3", "comfyui-sam3")
WAS = NodePack(
    "was-node-suite-comfyui",
    "https://github.com/WASasquatch/was-node-suite-comfyui",
    "was-node-suite-comfyui",
)
RGTHREE = NodePack("rgthree-comfy", "https://github.com/rgthree/rgthree-comfy", "rgthree-comfy")

HUB = "https://huggingface.co"

_PACKS: Mapping[str, NodePack] = {
    "LamaRemover": LAMA,
    "LamaRemoverIMG": LAMA,
    "LoadSAM3Model": SAM3,
    "SAM3Grounding": SAM3,
    "SAM3Segmentation": SAM3,
    "SAM3MultipromptSegmentation": SAM3,
    "SAM3CreateBox": SAM3,
    "SAM3CombineBoxes": SAM3,
    "SAM3CreatePoint": SAM3,
    "SAM3CombinePoints": SAM3,
    "Masks Combine Batch": WAS,
    "Image Comparer (rgthree)": RGTHREE,
}

CORE_SAM3 = "sam3.1_multiplex_fp16.safetensors"
"""In `checkpoints`, for ComfyUI's own nodes; its repository asks nobody for leave."""

SD15_INPAINT = "sd-v1-5-inpainting.safetensors"
"""In `checkpoints`: the smallest that was made to inpaint."""

_REPOSITORIES: Mapping[str, str] = {
    CORE_SAM3: "Comfy-Org/sam3.1",
    "sdxl_vae.safetensors": "stabilityai/sdxl-vae",
}
"""Of files that the catalog has no entry for: here they are of no use, or inside a checkpoint."""


def lack_of_node(node: str) -> Lack:
    """The pack to install; of ComfyUI's own nodes, and of unknown ones, the node alone."""
    pack = pack_of_node(node)
    return Lack("pack", pack.name, pack.repository) if pack else Lack("node", node)


def pack_of_node(node: str) -> NodePack | None:
    """The pack of a class; None: ComfyUI's own, or not known."""
    return _PACKS.get(node)


def address_of_file(name: str) -> str:
    """The address that the catalog has of a file of this name; "" = none."""
    entry = entry_named(name)
    if entry is None:
        return ""
    file = entry.files[0]
    return file.url or f"{HUB}/{entry.repo}/resolve/{entry.commit or 'main'}/{quote(file.path)}"


def lack_of_file(folder: str, name: str) -> Lack:
    """With its source, where the catalog knows a file of this name."""
    entry = entry_named(name)
    where = (entry.repo or entry.files[0].url) if entry else _REPOSITORIES.get(base(name), "")
    return Lack(folder, name, where)


@cache
def known() -> Catalog:
    """The catalog that ships with the program."""
    return catalog.load()


def entry_named(name: str) -> CatalogEntry | None:
    """The catalog's entry of one file of this name, in whatever folder the server has it."""
    bare = base(name)
    for entry in known().entries:
        if len(entry.files) == 1 and base(entry.files[0].path) == bare:
            return entry
    return None


def base(name: str) -> str:
    """The bare name of a server's file, with whichever separators."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]
