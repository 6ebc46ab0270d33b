"""Snapshots of servers that are made up here, and a check that every graph must pass.

Nodes are written as one line each, `name:TYPE` for an input, `?` after those that are optional.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.comfy.prompt_plan import Graph, Plan
from engine.comfy.protocol.object_info import InputSpec, Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.jobs.operations import Device

CHOICES: dict[str, Sequence[str]] = {
    "channel": ["alpha", "red", "green", "blue"],
    "sampler_name": ["euler", "dpmpp_2m", "uni_pc_bh2"],
    "scheduler": ["normal", "karras"],
    "weight_dtype": ["default", "fp8_e4m3fn"],
    "type": ["sdxl", "sd3", "flux"],
    "image": ["example.png"],
}
FILES = {
    "ckpt_name": "checkpoints", "lora_name": "loras", "unet_name": "diffusion_models",
    "vae_name": "vae", "clip_name1": "text_encoders", "clip_name2": "text_encoders",
}  # fmt: skip
LIMITS: dict[str, dict[str, Any]] = {
    "seed": {"default": 0, "min": 0, "max": 2**64 - 1}, "steps": {"min": 1, "max": 10000},
    "cfg": {"min": 0.0, "max": 100.0}, "denoise": {"min": 0.0, "max": 1.0},
    "gaussblur_radius": {"min": 0, "max": 20}, "mask_threshold": {"min": 0, "max": 255},
    "max_detections": {"default": -1, "min": -1, "max": 100}, "threshold": {"min": 0.0, "max": 1.0},
    "confidence_threshold": {"min": 0.0, "max": 1.0}, "grow_mask_by": {"min": 0, "max": 64},
    "model_path": {"default": "models/sam3/sam3.pt"}, "width": {"min": 1}, "height": {"min": 1},
    "positive_coords": {"forceInput": True}, "negative_coords": {"forceInput": True},
}  # fmt: skip

CORE = """
LoadImage | image:COMBO | IMAGE MASK
LoadImageMask | image:COMBO channel:COMBO | MASK
PreviewImage! | images:IMAGE |
PreviewAny! | source:* | STRING
MaskToImage | mask:MASK | IMAGE
SolidMask | value:FLOAT width:INT height:INT | MASK
ImageBatch | image1:IMAGE image2:IMAGE | IMAGE
CheckpointLoaderSimple | ckpt_name:COMBO | MODEL CLIP VAE
UNETLoader | unet_name:COMBO weight_dtype:COMBO | MODEL
DualCLIPLoader | clip_name1:COMBO clip_name2:COMBO type:COMBO device:STRING? | CLIP
VAELoader | vae_name:COMBO | VAE
LoraLoader | model:MODEL clip:CLIP lora_name:COMBO strength_model:FLOAT strength_clip:FLOAT | MODEL CLIP
LoraLoaderModelOnly | model:MODEL lora_name:COMBO strength_model:FLOAT | MODEL
CLIPTextEncode | text:STRING clip:CLIP | CONDITIONING
FluxGuidance | conditioning:CONDITIONING guidance:FLOAT | CONDITIONING
ConditioningZeroOut | conditioning:CONDITIONING | CONDITIONING
ReferenceLatent | conditioning:CONDITIONING latent:LATENT? | CONDITIONING
VAEEncode | pixels:IMAGE vae:VAE | LATENT
VAEDecode | samples:LATENT vae:VAE | IMAGE
VAEEncodeForInpaint | pixels:IMAGE vae:VAE mask:MASK grow_mask_by:INT | LATENT
SetLatentNoiseMask | samples:LATENT mask:MASK | LATENT
DifferentialDiffusion | model:MODEL strength:FLOAT? | MODEL
InpaintModelConditioning | positive:CONDITIONING negative:CONDITIONING vae:VAE pixels:IMAGE mask:MASK noise_mask:BOOLEAN | CONDITIONING CONDITIONING LATENT
KSampler | model:MODEL seed:INT steps:INT cfg:FLOAT sampler_name:COMBO scheduler:COMBO positive:CONDITIONING negative:CONDITIONING latent_image:LATENT denoise:FLOAT | LATENT
"""  # noqa: E501
LAMA = "LamaRemover | images:IMAGE masks:MASK mask_threshold:INT gaussblur_radius:INT invert_mask:BOOLEAN | IMAGE"  # noqa: E501
DETECT = "SAM3_Detect | model:MODEL image:IMAGE threshold:FLOAT refine_iterations:INT individual_masks:BOOLEAN conditioning:CONDITIONING? bboxes:BOUNDING_BOX? positive_coords:STRING? negative_coords:STRING? | MASK BOUNDING_BOX"  # noqa: E501
_GROUNDING = "SAM3Grounding | {model} image:IMAGE confidence_threshold:FLOAT text_prompt:STRING? positive_boxes:SAM3_BOXES_PROMPT? negative_boxes:SAM3_BOXES_PROMPT? max_detections:INT? | MASK IMAGE STRING STRING"  # noqa: E501
_CLICK = "SAM3Segmentation | {model} image:IMAGE positive_points:SAM3_POINTS_PROMPT? negative_points:SAM3_POINTS_PROMPT? box:SAM3_BOXES_PROMPT? refinement_iterations:INT? use_multimask:BOOLEAN? output_best_mask:BOOLEAN? | MASK MASK IMAGE STRING STRING"  # noqa: E501


def _pack(loader: str, model: str) -> str:
    return "\n".join((loader, _GROUNDING.format(model=model), _CLICK.format(model=model)))


PACKS = {
    "january": _pack(
        "LoadSAM3Model | model_path:STRING | SAM3_MODEL", "sam3_model:SAM3_MODEL"
    ),
    "february": _pack(
        "LoadSAM3Model | model_path:STRING precision:STRING compile:BOOLEAN | SAM3_MODEL",
        "sam3_model:SAM3_MODEL",
    ),
    "march": _pack(
        "LoadSAM3Model | precision:STRING? compile:BOOLEAN? | SAM3_MODEL_CONFIG",
        "sam3_model_config:SAM3_MODEL_CONFIG",
    ),
}  # fmt: skip
MODELS: dict[str, tuple[str, ...]] = {
    "checkpoints": ("sd-v1-5-inpainting.safetensors", "sub\\v1-5-pruned.safetensors",
                    "juggernautXL.safetensors", "strange.safetensors"),
    "loras": ("sub\\dog.safetensors", "cat.safetensors"),
    "vae": ("ae.safetensors", "sdxl_vae.safetensors"),
    "diffusion_models": ("flux1-fill-dev.safetensors", "flux1-dev.safetensors",
                         "flux1-kontext-dev.safetensors", "sdxl-inpainting.safetensors"),
    "text_encoders": ("clip_l.safetensors", "clip_g.safetensors", "t5xxl_fp16.safetensors"),
}  # fmt: skip


def snapshot_with(
    *blocks: str, models: Mapping[str, tuple[str, ...]] | None = None, newer: bool = False,
    without: Iterable[str] = (),
) -> ServerSnapshot:  # fmt: skip
    """With the nodes of CORE and of the blocks; `newer` writes choices in the other encoding."""
    models = MODELS if models is None else models
    lines = [line for block in (CORE, *blocks) for line in block.splitlines() if line]
    forms = dict(_node(line, models, newer) for line in lines)
    kept = {name: form for name, form in forms.items() if name not in without}
    device = Device(kind="cuda", name="", total_mb=0, free_mb=0, torch="")
    return ServerSnapshot(
        version="1", device=device, nodes=Nodes.read(kept), server="attic", models=models
    )


def _node(line: str, models: Mapping[str, tuple[str, ...]], newer: bool) -> tuple[str, Any]:
    name, inputs, outputs = (part.strip() for part in line.split("|"))
    form: dict[str, Any] = {"required": {}, "optional": {}}
    for each in inputs.split():
        called, kind = each.removesuffix("?").split(":")
        group = "optional" if each.endswith("?") else "required"
        form[group][called] = _input(called, kind, models, newer)
    types = outputs.split()
    return name.removesuffix("!"), {
        "input": form, "output": types, "output_node": name.endswith("!"),
    }  # fmt: skip


def _input(called: str, kind: str, models: Mapping[str, tuple[str, ...]], newer: bool) -> list[Any]:
    if kind != "COMBO":
        return [kind, LIMITS.get(called, {})]
    listed = list(models.get(FILES.get(called, ""), CHOICES.get(called, ())))
    more = {"image_upload": True} if called == "image" else {}
    return ["COMBO", {"options": listed, **more}] if newer else [listed, more]


def check_graph(plan: Plan, snapshot: ServerSnapshot) -> None:
    """What every graph must keep: names, types, limits and choices; nothing dangling."""
    json.dumps(plan.graph)
    for id_, node in plan.graph.items():
        spec = snapshot.nodes[node["class_type"]]
        wanted = {each.name for each in spec.inputs if each.required}
        assert wanted <= set(node["inputs"]), (id_, wanted)
        for name, value in node["inputs"].items():
            known = spec.input(name)
            assert known is not None, (id_, name)
            _check_input(plan, snapshot, known, value)
    for id_ in plan.wanted:
        assert snapshot.nodes[plan.graph[id_]["class_type"]].is_output
    assert _reached(plan.graph, plan.wanted) == set(plan.graph)
    loaded = {n["inputs"]["image"] for n in plan.graph.values() if "Load" in n["class_type"]
              and "image" in n["inputs"]}  # fmt: skip
    assert loaded == {upload.name for upload in plan.uploads}
    for folder, name in plan.needs:
        assert name in snapshot.folder(folder)


def _check_input(plan: Plan, snapshot: ServerSnapshot, known: InputSpec, value: Any) -> None:
    if isinstance(value, list):
        id_, slot = value
        outputs = snapshot.nodes[plan.graph[id_]["class_type"]].outputs
        assert known.accepts(outputs[slot].type), (known, outputs[slot])
        return
    match known.type:
        case "COMBO":
            assert known.is_upload or not known.options or value in known.options, (known, value)
        case "INT":
            assert type(value) is int, known
        case "FLOAT":
            assert type(value) in (int, float), known
        case "BOOLEAN":
            assert type(value) is bool, known
        case "STRING":
            assert type(value) is str, known
        case kind:
            assert kind in ("SAM3_POINTS_PROMPT", "SAM3_BOXES_PROMPT", "BOUNDING_BOX"), known
            assert isinstance(value, dict), known
    if known.low is not None and known.high is not None:
        assert known.low <= value <= known.high


def _reached(graph: Graph, wanted: Iterable[str]) -> set[str]:
    """Everything that the wanted nodes read. A cycle would be no plan: ids are made in order."""
    order = {id_: place for place, id_ in enumerate(graph)}
    seen, left = set[str](), list(wanted)
    while left:
        id_ = left.pop()
        seen.add(id_)
        for value in graph[id_]["inputs"].values():
            if isinstance(value, list):
                assert order[value[0]] < order[id_]
                left.append(value[0])
    return seen


def one(plan: Plan, kind: str) -> dict[str, Any]:
    """The inputs of the only node of a class."""
    (found,) = [node for node in plan.graph.values() if node["class_type"] == kind]
    return found["inputs"]


def kinds(plan: Plan) -> set[str]:
    return {node["class_type"] for node in plan.graph.values()}


def uploaded(plan: Plan, link: list[Any]) -> bytes:
    """What lies behind a link to a LoadImage."""
    name = plan.graph[link[0]]["inputs"]["image"]
    return next(upload.content for upload in plan.uploads if upload.name == name)
