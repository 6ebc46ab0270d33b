"""Kinds and families of models, and the sizes at which each family works best. No torch here."""

from dataclasses import dataclass
from enum import Enum

TORCH, LIGHT = "torch", "light"
"""The runtimes: torch in `engine.local.nets`, and onnxruntime in `engine.light`."""


class Kind(Enum):
    """What a model file is for."""

    SEGMENTER = "segmenter"
    REMOVER = "remover"
    SUBJECT = "subject"  # marks what a picture shows before all else
    CHECKPOINT = "checkpoint"
    LORA = "lora"
    VAE = "vae"
    TEXT_ENCODER = "text_encoder"


class Family(Enum):
    """The architecture a file belongs to; the values stand in projects and recipes."""

    SAM3 = "sam3"
    SAM31 = "sam3.1"
    SAM3_LITE_TEXT = "sam3-lite-text"
    SAM2 = "sam2"
    EDGETAM = "edgetam"
    LAMA = "lama"
    MAT = "mat"
    MIGAN = "migan"
    ISNET = "isnet"
    U2NETP = "u2netp"
    SD15 = "sd15"
    SD15_INPAINT = "sd15-inpaint"
    SD21 = "sd21"
    SD21_INPAINT = "sd21-inpaint"
    SDXL = "sdxl"
    SDXL_INPAINT = "sdxl-inpaint"
    FLUX_DEV = "flux-dev"
    FLUX_FILL = "flux-fill"
    FLUX_KONTEXT = "flux-kontext"

    @property
    def runs_on(self) -> frozenset[str]:
        """The runtimes that have this network: TORCH, LIGHT or both."""
        return _RUNTIMES.get(self, frozenset({TORCH}))

    @property
    def is_sam3(self) -> bool:
        """Whether it finds by text on the ViT of SAM 3; SAM3-LiteText does nothing else."""
        return self in (Family.SAM3, Family.SAM31, Family.SAM3_LITE_TEXT)

    @property
    def is_flux(self) -> bool:
        return self in (Family.FLUX_DEV, Family.FLUX_FILL, Family.FLUX_KONTEXT)

    @property
    def is_inpainting(self) -> bool:
        """Whether the network itself sees the mask and what is around it."""
        return self in (
            Family.SD15_INPAINT,
            Family.SD21_INPAINT,
            Family.SDXL_INPAINT,
            Family.FLUX_FILL,
        )

    @property
    def base(self) -> str:
        """What a LoRA must be made for: sd15, sd21, sdxl or flux; else the family itself."""
        if self.is_flux:
            return "flux"
        return self.value.removesuffix("-inpaint")


_RUNTIMES = {
    Family.SAM2: frozenset({TORCH, LIGHT}),
    Family.EDGETAM: frozenset({LIGHT}),
    Family.LAMA: frozenset({TORCH, LIGHT}),
    Family.MIGAN: frozenset({LIGHT}),
    Family.ISNET: frozenset({LIGHT}),
    Family.U2NETP: frozenset({LIGHT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The crops a family was trained on, and the guidance it wants."""

    min_pixels: int
    max_pixels: int
    grid_px: int  # sides are multiples of this
    max_scale: float = 2.0  # small crops are enlarged by no more
    guidance: float = 7.0
    steps: int = 20


_SD = Profile(min_pixels=512 * 512, max_pixels=512 * 768, grid_px=64)
_XL = Profile(min_pixels=800 * 800, max_pixels=1024 * 1024, grid_px=64, guidance=6.0, steps=25)

PROFILES: dict[Family, Profile] = {
    Family.LAMA: Profile(min_pixels=0, max_pixels=800 * 800, grid_px=8, max_scale=1.0),
    Family.MAT: Profile(min_pixels=0, max_pixels=512 * 512, grid_px=512, max_scale=1.0),
    Family.MIGAN: Profile(min_pixels=0, max_pixels=512 * 512, grid_px=512, max_scale=1.0),
    Family.SD15: _SD,
    Family.SD15_INPAINT: _SD,
    Family.SD21: _SD,
    Family.SD21_INPAINT: _SD,
    Family.SDXL: _XL,
    Family.SDXL_INPAINT: _XL,
    Family.FLUX_DEV: Profile(
        min_pixels=800 * 800, max_pixels=1024 * 1024, grid_px=16, guidance=3.5
    ),
    Family.FLUX_FILL: Profile(
        min_pixels=800 * 800, max_pixels=1024 * 1024, grid_px=16, guidance=30.0
    ),
    Family.FLUX_KONTEXT: Profile(
        min_pixels=800 * 800, max_pixels=1024 * 1024, grid_px=16, guidance=2.5
    ),
}
