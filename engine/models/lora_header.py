"""LoRA headers: base model, rank, size and trigger words."""

import base64
import binascii
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.models.weights import Tensor, WeightHeader, read_header
from engine.storage.foreign_file import read_file

_DOWN = re.compile(
    r"(?:\.lora_down|\.lora_A(?:\.[\w-]+)?|[._]lora\.down|\.lora_linear_layer\.down)\.weight$"
)
"""Ends of the first of a module's two matrices, in all layouts that are known."""

_OTHER_KINDS = {
    ".hada_w1_a": "loha", ".lokr_w1": "lokr", ".lokr_w1_a": "lokr", ".diff": "full",
    ".diff_b": "full", ".w_norm": "norm", ".oft_diag": "oft", ".oft_blocks": "boft",
    ".on_input": "ia3", ".glora_a": "glora", ".a1.weight": "glora", ".lora_up.weight": "lora",
    "qkv_lora1.down.weight": "xlabs", "proj_lora1.down.weight": "xlabs",
    "qkv_lora.down.weight": "xlabs", "lora_controlnet": "control",
}  # fmt: skip
_RANKS = (".hada_w1_b", ".lokr_w1_b", ".lokr_w2_b")  # (r, in) where there are no two matrices
_CONTEXT = {768: "sd15", 1024: "sd21", 2048: "sdxl"}  # width of the text that attention reads
_STATED = (("flux", "flux"), ("xl", "sdxl"), ("v2", "sd21"), ("v1", "sd15"), ("sd1", "sd15"))
MAX_WORDS = 8
MAX_WORD = 100  # characters
MAX_PREVIEW = 2 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraFacts:
    """A LoRA as its header shows it. `base` is Family.base, "" where nothing tells."""

    base: str
    kind: str  # lora, locon (also convolutions), dora, loha, lokr, full, norm; others are not used
    layout: str  # kohya, sgm, peft, diffusers, flux-kohya
    rank: int
    modules: int
    trigger_words: tuple[str, ...] = ()
    stated_base: str = ""  # what the metadata claims


def lora_facts(path: Path) -> LoraFacts:
    """Read a .safetensors LoRA. Raises ModelUnsafe, ModelUnreadable."""
    return facts_of(read_header(path))


def is_lora(header: WeightHeader) -> bool:
    """Whether the tensors are changes to a network rather than a network."""
    return any(_is_down(name) or _other_kind(name) for name in header.tensors)


def facts_of(header: WeightHeader) -> LoraFacts:
    """The facts of a header that `is_lora`."""
    down = {name: tensor for name, tensor in header.tensors.items() if _is_down(name)}
    stated = _stated(header.metadata)
    return LoraFacts(
        base=_base(header.tensors, down) or stated,
        kind=_kind(header.tensors, down),
        layout=_layout(header.tensors),
        rank=_rank(down or {n: t for n, t in header.tensors.items() if n.endswith(_RANKS)}),
        modules=len(down),
        trigger_words=_trigger_words(header.metadata),
        stated_base=stated,
    )


def preview(path: Path) -> bytes | None:
    """The picture in the metadata or beside the file, undecoded: it is as foreign as any."""
    thumbnail = read_header(path).metadata.get("modelspec.thumbnail", "")
    head, _, content = thumbnail.partition(",")
    if head.startswith("data:image/") and len(content) <= MAX_PREVIEW * 4 // 3:
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            return None
    for ending in (".preview.png", ".png", ".jpg", ".jpeg", ".webp"):
        beside = path.with_suffix(ending)
        with contextlib.suppress(OSError):
            return read_file(beside, MAX_PREVIEW)
    return None


def _is_down(name: str) -> bool:
    return _DOWN.search(name) is not None


def _other_kind(name: str) -> str:
    return next((kind for part, kind in _OTHER_KINDS.items() if name.endswith(part)), "")


def _kind(tensors: Mapping[str, Tensor], down: Mapping[str, Tensor]) -> str:
    others = Counter(kind for name in tensors if (kind := _other_kind(name)))
    if others and not down:
        return others.most_common(1)[0][0]
    if any(name.endswith((".dora_scale", ".lora_magnitude_vector")) for name in tensors):
        return "dora"
    is_wide = any(len(tensor.shape) == 4 and tensor.shape[-1] > 1 for tensor in down.values())
    return "locon" if is_wide else "lora"


def _layout(tensors: Iterable[str]) -> str:
    text = "\n".join(tensors)
    if "lora_unet_double_blocks" in text or "lora_unet_single_blocks" in text:
        return "flux-kohya"
    if "lora_unet_input_blocks" in text or "lora_unet_output_blocks" in text:
        return "sgm"
    if "lora_unet_" in text or "lora_te" in text or "lora_transformer_" in text:
        return "kohya"
    return "peft" if ".lora_A." in text else "diffusers"


def _rank(down: Mapping[str, Tensor]) -> int:
    ranks = Counter(tensor.shape[0] for tensor in down.values() if tensor.shape)
    return ranks.most_common(1)[0][0] if ranks else 0


def _base(tensors: Mapping[str, Tensor], down: Mapping[str, Tensor]) -> str:
    if any(part in name for name in tensors for part in ("double_blocks", "single_blocks",
                                                         "single_transformer_blocks")):  # fmt: skip
        return "flux"
    for name, tensor in down.items():
        if "attn2" in name and ("to_k" in name or "to_v" in name) and len(tensor.shape) > 1:
            return _CONTEXT.get(tensor.shape[1], "")
    if any(name.startswith(("lora_te2_", "text_encoder_2.")) for name in tensors):
        return "sdxl"
    return ""


def _stated(metadata: Mapping[str, str]) -> str:
    for key in ("ss_base_model_version", "modelspec.architecture"):
        claim = metadata.get(key, "").lower()
        for part, base in _STATED:
            if part in claim:
                return base
    return ""


def _trigger_words(metadata: Mapping[str, str]) -> tuple[str, ...]:
    phrase = metadata.get("modelspec.trigger_phrase") or metadata.get("lacuna.trigger_word", "")
    words = [word.strip() for word in phrase.split(",")] if phrase else _common_tags(metadata)
    kept = [word[:MAX_WORD] for word in words if word and word.isprintable()]
    return tuple(dict.fromkeys(kept))[:MAX_WORDS]


def _common_tags(metadata: Mapping[str, str]) -> list[str]:
    """Tags that stand in nearly every caption: the word that was trained is among them."""
    try:
        folders = json.loads(metadata.get("ss_tag_frequency", "{}"))
        counts: Counter[str] = Counter()
        for tags in cast(dict[str, dict[str, Any]], folders).values():
            counts.update({str(tag).strip(): int(count) for tag, count in tags.items()})
    except (ValueError, TypeError, AttributeError, RecursionError):
        return []
    if not counts:
        return []
    top = counts.most_common(1)[0][1]
    return [tag for tag, count in counts.most_common(3) if count >= 0.9 * top]
