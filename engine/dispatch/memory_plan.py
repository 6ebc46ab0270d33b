"""Plans placement and memory of a painting before anything is loaded.

All figures are arithmetic from parameter counts (counted on the meta device) and bytes an element;
none was measured on a card. What they get wrong is caught by the one retry after out-of-memory.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from engine.errors import DeviceTooSmall
from engine.jobs.operations import Device
from engine.models.families import Family

RESERVE_MB = 1200  # of a card, for the driver, the desktop and what is fragmented
RESERVE_RAM_MB = 2000
TILED_FROM_PIXELS = 1_500_000  # larger pictures go through the VAE in tiles
GROUP_MB = 6000  # what is left on the card when the network passes it layer by layer


class Placement(Enum):
    """Where the networks lie while the job runs."""

    ALL = "all"  # everything on the device
    OFFLOAD = "offload"  # one network at a time
    GROUP = "group"  # layer by layer: slow, but it runs


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSize:
    """Millions of parameters, and what sampling needs beside them for one megapixel."""

    backbone_m: int
    encoders_m: int
    vae_m: int
    work_mb: int  # at 2 bytes an element, one megapixel, with guidance in one batch


_SD = NetworkSize(backbone_m=860, encoders_m=123, vae_m=84, work_mb=3600)
_XL = NetworkSize(backbone_m=2567, encoders_m=818, vae_m=84, work_mb=3200)
_FLUX = NetworkSize(backbone_m=11901, encoders_m=4885, vae_m=84, work_mb=3000)

SIZES: dict[str, NetworkSize] = {
    "sd15": _SD,
    "sd21": NetworkSize(backbone_m=866, encoders_m=340, vae_m=84, work_mb=3600),
    "sdxl": _XL,
    "flux": _FLUX,
}

BYTES = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "nf4": 0.56}


def bytes_of(precision: str) -> float:
    """Bytes an element; GGUF by the bits in its name, with the share of its scales."""
    bits = re.match(r"gguf-i?q(\d)", precision)
    if bits is not None:
        return (int(bits[1]) + 0.6) / 8
    return BYTES.get(precision, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPlan:
    """How a job runs so that it fits."""

    placement: Placement
    tiling: bool  # the VAE works in tiles
    batched: bool  # prompt and negative prompt in one call of the network
    needed_mb: int
    free_mb: int
    notes: tuple[str, ...] = ()  # codes: offloaded, layer_by_layer, slow_cpu

    def smaller(self) -> "MemoryPlan":
        """What is tried once after out-of-memory: the next placement, everything in pieces."""
        after = {Placement.ALL: Placement.OFFLOAD, Placement.OFFLOAD: Placement.GROUP}
        return replace(
            self,
            placement=after.get(self.placement, Placement.GROUP),
            tiling=True,
            batched=False,
            notes=(*self.notes, "smaller"),
        )


def plan(
    family: Family, precision: str, pixels: int, device: Device, *, allow_slow: bool = False
) -> MemoryPlan:
    """Place a painting of so many pixels. Raises DeviceTooSmall before anything is loaded.

    `precision` is that of the backbone while it computes. FLUX on a processor takes hours and is
    refused unless `allow_slow`.
    """
    if device.kind == "cpu":
        return _on_processor(family, precision, pixels, device, allow_slow)
    free_mb = max(0, device.free_mb - RESERVE_MB)
    sizes = SIZES[family.base]
    work_mb = _work_mb(sizes, pixels, 2.0)
    needs = {
        Placement.ALL: _weights_mb(sizes, precision, 2.0) + work_mb,
        Placement.OFFLOAD: _largest_mb(sizes, precision) + work_mb,
        Placement.GROUP: min(GROUP_MB, _largest_mb(sizes, precision)) // 2 + work_mb // 2,
    }
    for placement, needed_mb in needs.items():
        if needed_mb <= free_mb:
            return MemoryPlan(
                placement=placement,
                tiling=pixels >= TILED_FROM_PIXELS or placement is Placement.GROUP,
                batched=placement is not Placement.GROUP,
                needed_mb=needed_mb,
                free_mb=free_mb,
                notes=_NOTES[placement],
            )
    options = ("smaller", "quantised", "server") if family.is_flux else ("smaller", "server")
    raise DeviceTooSmall(needs[Placement.GROUP], free_mb, options)


_NOTES: dict[Placement, tuple[str, ...]] = {
    Placement.ALL: (),
    Placement.OFFLOAD: ("offloaded",),
    Placement.GROUP: ("layer_by_layer",),
}


def _on_processor(
    family: Family, precision: str, pixels: int, device: Device, allow_slow: bool
) -> MemoryPlan:
    sizes = SIZES[family.base]
    needed_mb = _weights_mb(sizes, precision, 4.0) + _work_mb(sizes, pixels, 4.0)
    free_mb = max(0, device.free_mb - RESERVE_RAM_MB)
    if (family.is_flux and not allow_slow) or needed_mb > free_mb:
        raise DeviceTooSmall(needed_mb, free_mb, ("smaller", "server"))
    return MemoryPlan(
        placement=Placement.ALL,
        tiling=pixels >= TILED_FROM_PIXELS,
        batched=False,  # a processor gains nothing from it
        needed_mb=needed_mb,
        free_mb=free_mb,
        notes=("slow_cpu",),
    )


def _weights_mb(sizes: NetworkSize, precision: str, others: float) -> int:
    """All networks; encoders and VAE are not quantised."""
    millions = sizes.backbone_m * bytes_of(precision)
    return round((millions + (sizes.encoders_m + sizes.vae_m) * others) * 1e6 / 2**20)


def _largest_mb(sizes: NetworkSize, precision: str) -> int:
    largest = max(sizes.backbone_m * bytes_of(precision), sizes.encoders_m * 2.0)
    return round(largest * 1e6 / 2**20)


def _work_mb(sizes: NetworkSize, pixels: int, bytes_each: float) -> int:
    return round(sizes.work_mb * pixels / 2**20 * bytes_each / 2)
