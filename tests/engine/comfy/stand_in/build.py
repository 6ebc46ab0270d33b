"""The build of a stand-in server: version, packs, models, and what follows from them."""

from dataclasses import dataclass, field

Models = dict[str, dict[str, dict[str, str] | None]]
"""Folder -> file name -> the metadata in its header, or None where it has none."""

PACKS = ("lama", "was", "rgthree")

LORA_TAGS = '{"10_dog": {"TomTC": 20, "smile": 9}}'
MODELS: Models = {
    "checkpoints": {
        "512-inpainting-ema.safetensors": {"modelspec.architecture": "stable-diffusion-v2-768-v"},
        "sam3.1_multiplex_fp16.safetensors": None,
        "sd-v1-5-inpainting.safetensors": None,
        "sd_xl_base_1.0.safetensors": {"modelspec.architecture": "stable-diffusion-xl-v1-base"},
        "v1-5-pruned-emaonly-fp16.safetensors": None,
    },
    "loras": {
        "tom.safetensors": {"ss_base_model_version": "sd_v1", "ss_tag_frequency": LORA_TAGS},
        "xl\\style.safetensors": {"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"},
    },
    "vae": {"ae.safetensors": None},
    "diffusion_models": {"flux1-fill-dev.safetensors": None},
    "text_encoders": {"clip_l.safetensors": None, "t5xxl_fp16.safetensors": None},
    "upscale_models": {},
    "sam3": {"sam3.safetensors": None},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A version and what is installed beside it; `None` = what this version has by itself."""

    version: str = "0.33.0"
    pack: str = "mar"  # generation of the SAM3 pack: none, lab, feb, mar
    packs: tuple[str, ...] = PACKS
    core_sam3: bool | None = None
    has_jobs: bool | None = None
    models: Models = field(default_factory=lambda: MODELS)

    def since(self, *version: int) -> bool:
        return tuple(int(part) for part in self.version.split(".")[:3]) >= version

    @property
    def detects(self) -> bool:
        return self.since(0, 20, 0) if self.core_sam3 is None else self.core_sam3

    @property
    def lists_jobs(self) -> bool:
        return self.since(0, 6, 0) if self.has_jobs is None else self.has_jobs

    @property
    def cancels_jobs(self) -> bool:
        return self.since(0, 26, 0) if self.has_jobs is None else self.has_jobs

    def files(self, folder: str) -> list[str]:
        return sorted(self.models.get(folder, {}))
