"""Networks recognised by the names and shapes of their tensors, also those that are not used.

What is promised here is what the loader builds: a file with a `problem` is refused by both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ModelUnreadable
from engine.models.accounting import account
from engine.models.families import Family, Kind
from engine.models.recognition import quantisation
from engine.models.weights import Tensor, WeightHeader

UNET = "model.diffusion_model."
"""Prefix of the network that samples, in single files."""

CONTEXTS = {768: "sd15", 1024: "sd21", 2048: "sdxl"}  # width of the text that attention reads
MARKERS = frozenset(
    {"v_pred", "ztsnr", "edm_mean", "edm_std", "edm_vpred.sigma_max", "edm_vpred.sigma_min"}
)
"""Tensors that say how a checkpoint was trained; `training_noise` reads them."""

_CHANNELS = {4: "", 9: "-inpaint"}  # that the UNet takes in
_OTHER_CHANNELS = {5: "sd-depth", 7: "sd-upscaler", 8: "pix2pix"}
_REFINER_CONTEXT = 1280
FLUX_WIDTHS = {64: Family.FLUX_DEV, 384: Family.FLUX_FILL}
"""Families of FLUX.1 by the channels of a token."""

_FLUX_CONTROL_WIDTH = 128  # a second picture beside the latents: Canny, Depth
_READ = ("first_stage_model.", "cond_stage_model.", "conditioner.embedders.0.",
         "conditioner.embedders.1.", "vae.", "text_encoders.")  # fmt: skip
"""Prefixes of the networks beside the one that samples."""

_OTHERS = (
    ("chroma", ("distilled_guidance_layer.", "double_blocks.")),
    ("chroma", ("distilled_guidance_layer.", "transformer_blocks.")),
    ("flux2", ("double_stream_modulation_img.",)),
    ("flux-redux", ("redux_up.", "redux_down.")),
    ("sd3", ("joint_blocks.0.", "context_embedder.")),
    ("z-image", ("cap_embedder.", "noise_refiner.")),
    ("qwen-image", ("transformer_blocks.0.img_mod.1.", "txt_norm.")),
)
"""Networks that paint and are not used: the code of each, and parts of names that all occur."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedNetwork:
    """The kind of a file, and whether it can be used."""

    kind: Kind
    family: Family | None = None
    part: str = ""
    problem: str = ""  # as in ModelFile
    detail: str = ""
    unused: tuple[str, ...] = ()


def recognised(path: Path, header: WeightHeader) -> RecognisedNetwork:
    """The network of a file that is no LoRA. Raises ModelUnreadable (format) for none known."""
    if header.layout == "torchscript":
        return _torchscript(path)
    names = quantisation.unpacked_shapes(header)
    for look in (_segmenter, _remover, _subject, _other, _flux, _diffusion, _encoder, _vae):
        found = look(path, names)
        if found is not None:
            return _accounted(_quantised(found, header), names)
    raise ModelUnreadable(path, "format", "no known network")


def sd_family(generation: str, channels: int) -> Family | None:
    """The family of a UNet, by generation (sd15, sd21, sdxl) and channels that it takes in."""
    value = generation + _CHANNELS.get(channels, "?")
    return next((family for family in Family if family.value == value), None)


def sd_problem(context: int, channels: int) -> str:
    """The code of a UNet that is not used: of another width of text, or other inputs."""
    if context == _REFINER_CONTEXT:
        return "sdxl-refiner"
    return _OTHER_CHANNELS.get(channels, "unet-kind")


def flux_problem(width: int) -> str:
    """The code of a FLUX.1 that is not used, by the channels of a token."""
    return "flux-control" if width == _FLUX_CONTROL_WIDTH else "flux-kind"


def _torchscript(path: Path) -> RecognisedNetwork:
    """It says nothing of its tensors; only pinned files of LaMa and MI-GAN are ever read."""
    name = path.name.lower()
    family = Family.MIGAN if "migan" in name else Family.LAMA
    is_known = family is Family.MIGAN or "lama" in name
    return RecognisedNetwork(
        kind=Kind.REMOVER, family=family, problem="" if is_known else "torchscript"
    )


def _quantised(found: RecognisedNetwork, header: WeightHeader) -> RecognisedNetwork:
    if found.problem or found.kind not in (Kind.CHECKPOINT, Kind.VAE, Kind.TEXT_ENCODER):
        return found
    name = quantisation.problem_of(header)
    return replace(found, problem="quantised", detail=name) if name else found


def _accounted(found: RecognisedNetwork, names: Mapping[str, Tensor]) -> RecognisedNetwork:
    """With what stands outside of all networks that are built from a checkpoint, in groups."""
    if found.kind is not Kind.CHECKPOINT or not _has(names, UNET):
        return found
    unknown = account(names, _is_read).unknown
    return replace(found, unused=tuple(dict.fromkeys(name.partition(".")[0] for name in unknown)))


def _is_read(name: str) -> bool:
    is_network = name.startswith((UNET, *_READ))
    return is_network or name in MARKERS or quantisation.is_mark(name)


def _has(names: Iterable[str], *parts: str) -> bool:
    """Whether each of the parts occurs in some name."""
    names = list(names)
    return all(any(part in name for name in names) for part in parts)


def _segmenter(path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    if _has(names, "detector_model.", "tracker_model."):
        return RecognisedNetwork(kind=Kind.SEGMENTER, family=Family.SAM3)
    if _has(names, "detector.backbone.language_backbone.encoder.", ".pre_norm_mha."):
        return RecognisedNetwork(
            kind=Kind.SEGMENTER, family=Family.SAM3_LITE_TEXT, problem="lite-text"
        )
    if _has(names, "text_encoder.embeddings.token_embedding.", "detr_decoder.query_embed."):
        return RecognisedNetwork(kind=Kind.SEGMENTER, family=Family.SAM3_LITE_TEXT)
    if _has(names, "detector.backbone.vision_backbone.trunk."):
        is_31 = _has(names, "vision_backbone.interactive_convs.")
        return RecognisedNetwork(kind=Kind.SEGMENTER, family=Family.SAM31 if is_31 else Family.SAM3)
    for backbone in ("vision_encoder.backbone.timm_model.", "image_encoder.trunk.body."):
        if _has(names, backbone, "mask_decoder.", "prompt_encoder."):
            return RecognisedNetwork(kind=Kind.SEGMENTER, family=Family.EDGETAM)
    if _has(names, "vision_encoder.backbone.blocks.", "mask_decoder.", "prompt_encoder."):
        return RecognisedNetwork(kind=Kind.SEGMENTER, family=Family.SAM2)
    return None


def _remover(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    if _has(names, "ffc.convl2l.weight", "ffc.convg2g"):
        return RecognisedNetwork(kind=Kind.REMOVER, family=Family.LAMA)
    if _has(names, "encoder.b512.fromrgb.weight", "synthesis.b512.torgb.weight"):
        return RecognisedNetwork(kind=Kind.REMOVER, family=Family.MIGAN)
    if _has(names, "synthesis.first_stage.", "mapping.fc0.weight"):
        return RecognisedNetwork(kind=Kind.REMOVER, family=Family.MAT)
    return None


def _subject(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    """U-2-Net's small form and IS-Net; the large U-2-Net has no graph."""
    middle = names.get("stage1.rebnconv2.conv_s1.weight")
    if middle is None or not _has(names, "stage6.rebnconvin.conv_s1.weight", "side1.weight"):
        return None
    if _has(names, "conv_in.weight"):
        return RecognisedNetwork(kind=Kind.SUBJECT, family=Family.ISNET)
    is_small = middle.shape[:1] == (16,)
    return RecognisedNetwork(kind=Kind.SUBJECT, family=Family.U2NETP) if is_small else None


def _other(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    for code, parts in _OTHERS:
        if _has(names, *parts):
            return RecognisedNetwork(kind=Kind.CHECKPOINT, problem=code)
    if _has(names, "model_ema.diffusion_model") and not _has(names, UNET):
        return RecognisedNetwork(kind=Kind.CHECKPOINT, problem="ema")
    return None


def _flux(path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    width = next(
        (t.shape[-1] for n, t in names.items()
         if n.endswith(("img_in.weight", "x_embedder.weight")) and len(t.shape) == 2), 0
    )  # fmt: skip
    if not width or (not _has(names, "double_blocks.") and not _has(names, "transformer_blocks.")):
        return None
    family, problem = FLUX_WIDTHS.get(width), ""
    if family is None:
        problem = flux_problem(width)
    elif not _has(names, "guidance_in.") and not _has(names, "guidance_embedder."):
        problem = "schnell"
    if family is Family.FLUX_DEV and "kontext" in path.name.lower():
        family = Family.FLUX_KONTEXT
    return RecognisedNetwork(kind=Kind.CHECKPOINT, family=family, problem=problem)


def _diffusion(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    first = next((names[n] for n in (f"{UNET}{_FIRST}", _FIRST) if n in names), None)
    if first is None or len(first.shape) != 4:
        return None
    context, channels = _context(names), first.shape[1]
    family = sd_family(CONTEXTS.get(context) or _generation(names), channels)
    if family is None:
        return RecognisedNetwork(kind=Kind.CHECKPOINT, problem=sd_problem(context, channels))
    lacking = [what for what, starts in _PARTS if not any(_has(names, each) for each in starts)]
    return RecognisedNetwork(
        kind=Kind.CHECKPOINT,
        family=family,
        problem="partial" if lacking else "",
        detail=", ".join(lacking),
    )


_FIRST = "input_blocks.0.0.weight"
_PARTS = (
    ("vae", ("first_stage_model.",)),
    ("text_encoder", ("cond_stage_model.", "conditioner.embedders.")),
)


def _context(names: Mapping[str, Tensor]) -> int:
    """Width of the text that attention reads: it tells the generations apart."""
    for name, tensor in names.items():
        if name.endswith("attn2.to_k.weight") and len(tensor.shape) == 2:
            return tensor.shape[1]
    return 0


def _generation(names: Mapping[str, Tensor]) -> str:
    """By the text encoders, for checkpoints of unusual size; "" for SDXL's refiner and others."""
    if _has(names, "conditioner.embedders.1.model."):
        return "sdxl"
    if _has(names, "cond_stage_model.model."):
        return "sd21"
    return "sd15" if _has(names, "cond_stage_model.transformer.") else ""


def _encoder(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    if _has(names, "encoder.block.0.layer.0.SelfAttention.q.weight"):
        return RecognisedNetwork(kind=Kind.TEXT_ENCODER, part="t5-xxl")
    if _has(names, "enc.blk.0.attn_q.weight") or _has(names, "token_embd.weight", "enc.blk."):
        return RecognisedNetwork(kind=Kind.TEXT_ENCODER, part="t5-xxl")
    if _has(names, "text_model.encoder.layers.0."):
        wide = any(t.shape[-1] == 1280 for n, t in names.items() if "token_embedding" in n)
        return RecognisedNetwork(kind=Kind.TEXT_ENCODER, part="clip-g" if wide else "clip-l")
    return None


def _vae(_path: Path, names: Mapping[str, Tensor]) -> RecognisedNetwork | None:
    decoder = next((t for n, t in names.items() if n.endswith("decoder.conv_in.weight")), None)
    if decoder is None or len(decoder.shape) != 4:
        return None
    return RecognisedNetwork(kind=Kind.VAE, part="flux" if decoder.shape[1] == 16 else "sd")
