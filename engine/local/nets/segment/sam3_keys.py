"""Names of SAM3's tensors: the official `sam3.pt`, SAM 3.1, and the layout transformers reads.

The official names are turned into those of the published `model.safetensors`: `detector_model.`
(text and boxes, with the ViT), `tracker_model.` and `tracker_neck.` (clicks). SAM 3.1 has a neck
for each task and two heads: clicks belong to the `interactive` ones, the others follow objects
through a video. The rules are complete: what they do not know is an error, never left out in
silence, because a network with random parts answers too.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import torch

from engine.errors import ModelUnreadable
from engine.local.nets.tensors import Tensors

Rules: TypeAlias = Sequence[tuple[str, str]]

DETECTOR, TRACKER, NECK = "detector_model.", "tracker_model.", "tracker_neck."
VIT = DETECTOR + "vision_encoder.backbone."
_VISION = "detector.backbone.vision_backbone."
_TEXT = "detector.backbone.language_backbone."
_CLICKS_31 = "tracker.model.interactive"
_DROPPED = re.compile(
    r"detector\..*\.attn\.freqs_cis$"  # computed
    r"|detector\.geometry_encoder\.points_"  # exemplar points: transformers has none
    r"|tracker\.(transformer|maskmem_|obj_ptr_|no_mem_pos_enc|no_obj_|mask_downsample\.)"  # video
    r"|detector\.backbone\.vision_backbone\.propagation_convs\."  # and of SAM 3.1
    r"|tracker\.model\.(transformer\.|maskmem_(backbone\.|tpos_enc$)|sam_mask_decoder\."
    r"|(interactive_)?obj_ptr_proj\.|obj_ptr_tpos_proj\.|no_obj_(ptr_linear\.|embed_spatial$)"
    r"|interactive_mask_downsample\.|image_pe_layer\.|output_(in)?valid_embed$)"
)
_VIT_RULES: Rules = (
    (r"^pos_embed$", "embeddings.position_embeddings"),
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^ln_pre\.", "layer_norm."),
    (r"^blocks\.(\d+)\.", r"layers.\1."),
    (r"\.norm([12])\.", r".layer_norm\1."),
    (r"\.attn\.proj\.", ".attention.o_proj."),
    (r"\.attn\.", ".attention."),
)
_NECK_RULES: Rules = (
    (r"\.dconv_2x2(_0)?\.", ".scale_layers.0."),
    (r"\.dconv_2x2_1\.", ".scale_layers.2."),
    (r"\.conv_1x1\.", ".proj1."),
    (r"\.conv_3x3\.", ".proj2."),
)
_TEXT_RULES: Rules = (
    (r"^positional_embedding$", "text_model.embeddings.position_embedding.weight"),
    (r"^token_embedding\.", "text_model.embeddings.token_embedding."),
    (r"^ln_final\.", "text_model.final_layer_norm."),
    (r"^text_projection$", "text_projection.weight"),
    (r"^transformer\.resblocks\.", "text_model.encoder.layers."),
    (r"\.attn\.", ".self_attn."),
    (r"\.ln_([12])\.", r".layer_norm\1."),
    (r"\.c_fc\.", ".fc1."),
    (r"\.c_proj\.", ".fc2."),
)
_ATTENTION_RULES: Rules = (
    (r"\bout_proj\.", "o_proj."),
    (r"\.linear([12])\.", r".mlp.fc\1."),
)
_ENCODER_RULES: Rules = (
    *_ATTENTION_RULES,
    (r"\.cross_attn_image\.", ".cross_attn."),
    (r"\.norm([123])\.", r".layer_norm\1."),
)
_GEOMETRY_RULES: Rules = (
    (r"^encode\.", "layers."),
    (r"^img_pre_norm\.", "vision_layer_norm."),
    (r"^norm\.", "prompt_layer_norm."),
    (r"^encode_norm\.", "output_layer_norm."),
    *_ENCODER_RULES,
)
_DECODER_RULES: Rules = (
    *_ATTENTION_RULES,
    (r"\.cross_attn\.", ".vision_cross_attn."),
    (r"\.ca_text\.", ".text_cross_attn."),
    (r"\.norm1\.", ".vision_cross_attn_layer_norm."),
    (r"\.catext_norm\.", ".text_cross_attn_layer_norm."),
    (r"\.norm2\.", ".self_attn_layer_norm."),
    (r"\.norm3\.", ".mlp_layer_norm."),
    (r"^norm\.", "output_layer_norm."),
    (r"^presence_token_out_norm\.", "presence_layer_norm."),
    (r"^bbox_embed\.", "box_head."),
    (r"^presence_token_head\.", "presence_head."),
    (r"^boxRPB_embed_([xy])\.", r"box_rpb_embed_\1."),
)
_MASK_RULES: Rules = (
    *_ATTENTION_RULES,
    (r"^mask_predictor\.mask_embed\.", "mask_embedder."),
    (r"^cross_attend_prompt\.", "prompt_cross_attn."),
    (r"^cross_attn_norm\.", "prompt_cross_attn_norm."),
    (r"^(instance|semantic)_seg_head\.", r"\1_projection."),
)
_SCORING_RULES: Rules = (
    (r"^prompt_mlp\.layers\.", "text_mlp.layers."),
    (r"^prompt_mlp\.out_norm\.", "text_mlp_out_norm."),
    (r"^hs_proj\.", "query_proj."),
    (r"^prompt_proj\.", "text_proj."),
)
_PROMPT_RULES: Rules = (
    (r"^pe_layer\.positional_encoding_gaussian_matrix$", "shared_embedding.positional_embedding"),
    (r"^mask_downscaling\.0\.", "mask_embed.conv1."),
    (r"^mask_downscaling\.1\.", "mask_embed.layer_norm1."),
    (r"^mask_downscaling\.3\.", "mask_embed.conv2."),
    (r"^mask_downscaling\.4\.", "mask_embed.layer_norm2."),
    (r"^mask_downscaling\.6\.", "mask_embed.conv3."),
)
_CLICK_RULES: Rules = (
    (r"\bout_proj\.", "o_proj."),
    (r"\.mlp\.lin1\.", ".mlp.proj_in."),
    (r"\.mlp\.lin2\.", ".mlp.proj_out."),
    (r"\.norm([1234])\.", r".layer_norm\1."),
    (r"\.norm_final_attn\.", ".layer_norm_final_attn."),
    (r"^output_upscaling\.0\.", "upscale_conv1."),
    (r"^output_upscaling\.1\.", "upscale_layer_norm."),
    (r"^output_upscaling\.3\.", "upscale_conv2."),
    (r"^((?:output_hyper|iou_pred|pred_obj).*)\blayers\.0\.", r"\1proj_in."),
    (r"^((?:output_hyper|iou_pred|pred_obj).*)\blayers\.1\.", r"\1layers.0."),
    (r"^((?:output_hyper|iou_pred|pred_obj).*)\blayers\.2\.", r"\1proj_out."),
)


class _Section(NamedTuple):
    old: str
    new: str
    rules: Rules
    counted: bool = False  # `layers.0` of small networks become `layer1`


_SECTIONS = (
    _Section(_VISION + "trunk.", VIT, _VIT_RULES),
    _Section(_VISION + "convs.", DETECTOR + "vision_encoder.neck.fpn_layers.", _NECK_RULES),
    _Section(_VISION + "sam2_convs.", NECK + "fpn_layers.", _NECK_RULES),
    _Section(_TEXT + "encoder.", DETECTOR + "text_encoder.", _TEXT_RULES),
    _Section(_TEXT + "resizer.", DETECTOR + "text_projection.", ()),
    _Section("detector.geometry_encoder.", DETECTOR + "geometry_encoder.", _GEOMETRY_RULES),
    _Section("detector.transformer.encoder.", DETECTOR + "detr_encoder.", _ENCODER_RULES),
    _Section("detector.transformer.decoder.", DETECTOR + "detr_decoder.", _DECODER_RULES, True),
    _Section("detector.segmentation_head.", DETECTOR + "mask_decoder.", _MASK_RULES),
    _Section("detector.dot_prod_scoring.", DETECTOR + "dot_product_scoring.", _SCORING_RULES, True),
    _Section("tracker.sam_prompt_encoder.", TRACKER + "prompt_encoder.", _PROMPT_RULES),
    _Section("tracker.sam_mask_decoder.", TRACKER + "mask_decoder.", _CLICK_RULES),
    _Section("tracker.no_mem_embed", TRACKER + "no_memory_embedding", ()),
    _Section(_VISION + "interactive_convs.", NECK + "fpn_layers.", _NECK_RULES),
    _Section(_CLICKS_31 + "_sam_prompt_encoder.", TRACKER + "prompt_encoder.", _PROMPT_RULES),
    _Section(_CLICKS_31 + "_sam_mask_decoder.", TRACKER + "mask_decoder.", _CLICK_RULES),
    _Section("tracker.model.interactivity_no_mem_embed", TRACKER + "no_memory_embedding", ()),
)


def published(path: Path, tensors: Tensors) -> dict[str, torch.Tensor]:
    """The tensors under the names of `model.safetensors`, whichever layout they came in.

    Raises ModelUnreadable: keys (a name that no rule knows). Whether all are there and have the
    right shape is seen when they are put into the networks.
    """
    if any(name.startswith(DETECTOR) for name in tensors):
        return dict(tensors)
    if not any(name.startswith("detector.") for name in tensors):
        raise ModelUnreadable(path, "keys", "no SAM3: nothing is called detector")
    return _from_official(path, tensors)


def _from_official(path: Path, tensors: Tensors) -> dict[str, torch.Tensor]:
    made: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        if not _DROPPED.match(name):
            made.update(_values(path, _renamed(path, name), tensor))
    return _joined(made)


def _renamed(path: Path, name: str) -> str:
    section = next((s for s in _SECTIONS if name.startswith(s.old)), None)
    if section is None:
        raise ModelUnreadable(path, "keys", name)
    rest = name[len(section.old) :]
    for pattern, new in section.rules:
        rest = re.sub(pattern, new, rest)
    if section.counted:
        rest = re.sub(r"^(?!layers)(\w+)\.layers\.(\d+)\.", _count_from_one, rest)
    return section.new + rest


def _count_from_one(match: re.Match[str]) -> str:
    return f"{match[1]}.layer{int(match[2]) + 1}."


def _values(path: Path, name: str, tensor: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
    """One tensor under its new names: three in one are split, one for two is given twice."""
    if fused := re.search(r"(in_proj_|qkv\.)(weight|bias)$", name):
        if tensor.shape[0] % 3:
            raise ModelUnreadable(path, "keys", name)
        for part, piece in zip("qkv", tensor.chunk(3)):
            yield f"{name[: fused.start()]}{part}_proj.{fused[2]}", piece
        return
    if name == VIT + "embeddings.position_embeddings":
        tensor = tensor[:, 1:]  # the first is of a class token that SAM3 does not have
    if name == DETECTOR + "text_encoder.text_projection.weight":
        tensor = tensor.T
    yield name, tensor
    if name == TRACKER + "prompt_encoder.shared_embedding.positional_embedding":
        yield TRACKER + "shared_image_embedding.positional_embedding", tensor.clone()


def _joined(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The four kinds of points (not it, it, two corners) stand in one table."""
    start = TRACKER + "prompt_encoder.point_embed"
    pieces = sorted(name for name in tensors if name.startswith(start + "dings."))
    if pieces:
        tensors[start + ".weight"] = torch.cat([tensors.pop(name) for name in pieces])
    return tensors
