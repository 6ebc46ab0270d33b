"""The snapshot of one server: version, device, nodes and model files at its last probe."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.comfy.protocol.object_info import Nodes
from engine.jobs.operations import Device

CHECKPOINTS = "checkpoints"
LORAS = "loras"
VAE = "vae"
DIFFUSION_MODELS = "diffusion_models"
TEXT_ENCODERS = "text_encoders"
SAM3 = "sam3"
FOLDERS = (CHECKPOINTS, LORAS, VAE, DIFFUSION_MODELS, TEXT_ENCODERS, SAM3)
"""Folders of models that a probe asks for."""

_LOADERS = {
    CHECKPOINTS: ("CheckpointLoaderSimple", "ckpt_name"),
    LORAS: ("LoraLoader", "lora_name"),
    VAE: ("VAELoader", "vae_name"),
    DIFFUSION_MODELS: ("UNETLoader", "unet_name"),
    TEXT_ENCODERS: ("DualCLIPLoader", "clip_name1"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServerSnapshot:
    """Everything that graphs are built by; nothing here is asked again while one is built."""

    version: str  # of ComfyUI; for people: what a server can do is told by its nodes
    device: Device  # the first of its devices
    nodes: Nodes
    server: str = ""  # what the user calls it
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """File names by folder, verbatim: with the server's own separators."""
    metadata: Mapping[tuple[str, str], Mapping[str, str]] = field(
        default_factory=dict[tuple[str, str], Mapping[str, str]]
    )
    """Headers' own words by (folder, file name), of the files that were asked for and have any."""
    has_jobs: bool = False  # /api/jobs
    max_upload_bytes: int = 0  # of any request; 0 = not known

    def folder(self, name: str) -> tuple[str, ...]:
        """The files of a folder; of one that was not listed what its loader offers."""
        if name in self.models:
            return self.models[name]
        node, choice = _LOADERS.get(name, ("", ""))
        return self.nodes.options(node, choice)
