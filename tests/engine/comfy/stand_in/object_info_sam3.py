"""SAM3's classes in /object_info: three generations of the pack, and the core's own."""

from typing import Any

from tests.engine.comfy.stand_in.object_info_specs import combo, node, number, switch, whole


def sam3_pack(generation: str) -> dict[str, dict[str, Any]]:
    """Three generations in six months: what loads, what the link is called, what is offloaded."""
    kind = "SAM3_MODEL_CONFIG" if generation == "mar" else "SAM3_MODEL"
    link = {kind.lower(): [kind, {"tooltip": "SAM3 model from LoadSAM3Model node"}]}
    offload = {"offload_model": switch(False)} if generation == "lab" else {}
    module = "custom_nodes.ComfyUI-SAM3"
    grounding = node(
        "SAM3 Text Segmentation",
        {**link, "image": ["IMAGE", {}], "confidence_threshold": number(0.2, 0.0, 1.0)},
        optional={
            "text_prompt": ["STRING", {"default": "", "multiline": False}],
            "positive_boxes": ["SAM3_BOXES_PROMPT", {}],
            "negative_boxes": ["SAM3_BOXES_PROMPT", {}],
            "max_detections": whole(-1, -1, 100, step=1),
            **offload,
        },
        out="MASK IMAGE STRING STRING",
        names="masks visualization boxes scores",
        module=module,
    )
    points = node(
        "SAM3 Point Segmentation",
        {**link, "image": ["IMAGE", {}]},
        optional={
            "positive_points": ["SAM3_POINTS_PROMPT", {}],
            "negative_points": ["SAM3_POINTS_PROMPT", {}],
            "box": ["SAM3_BOXES_PROMPT", {}],
            "refinement_iterations": whole(0, 0, 10),
            "use_multimask": switch(True),
            "output_best_mask": switch(True),
            **offload,
        },
        out="MASK MASK IMAGE STRING STRING",
        names="mask mask_logits visualization boxes scores",
        module=module,
    )
    loader = sam3_loader(generation, kind, module)
    return {"LoadSAM3Model": loader, "SAM3Grounding": grounding, "SAM3Segmentation": points}


def sam3_loader(generation: str, kind: str, module: str) -> dict[str, Any]:
    precisions, attentions = (
        ["auto", "bf16", "fp16", "fp32"],
        ["auto", "sdpa", "flash_attn", "sage"],
    )
    file = "sam3.pt" if generation == "lab" else "sam3.safetensors"
    path = {"model_path": ["STRING", {"default": f"models/sam3/{file}"}]}
    old = {
        "precision": [precisions, {"default": "auto"}],
        "attention": [attentions, {"default": "auto"}],
        "compile": switch(False),
    }
    new = {"precision": combo(precisions, default="auto"), "compile": switch(False)}
    required, optional = {"lab": (path, None), "feb": (path, old), "mar": ({}, new)}[generation]
    title = "(down)Load SAM3 Model" if generation == "lab" else "(Down)Load SAM3 Model"
    out, names = kind, kind.lower()
    return node(title, required, optional=optional, out=out, names=names, module=module)


def sam3_core() -> dict[str, dict[str, Any]]:
    box = {"x": 0, "y": 0, "width": 512, "height": 512}
    points = ["STRING", {"forceInput": True, "multiline": False}]
    detect = node(
        "SAM3 Detect",
        {
            "model": ["MODEL", {}],
            "image": ["IMAGE", {}],
            "threshold": number(0.5, 0.0, 1.0),
            "refine_iterations": whole(2, 0, 5),
            "individual_masks": switch(False),
        },
        optional={
            "conditioning": ["CONDITIONING", {}],
            "bboxes": ["BOUNDING_BOX", {"default": box, "socketless": True, "forceInput": True}],
            "positive_coords": points,
            "negative_coords": points,
        },
        out="MASK BOUNDING_BOX",
        names="masks bboxes",
        module="comfy_extras.nodes_sam3",
    )
    return {"SAM3_Detect": detect}
