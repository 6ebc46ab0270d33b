"""Files as ComfyUI's window saves them, box by box; links are given as (id, box, slot)."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import Nodes
from engine.workflow.format.reader import read_workflow
from engine.workflow.format.to_api import ApiGraph, to_api
from tests.engine.comfy.stand_in.build import Build
from tests.engine.comfy.stand_in.object_info import described

Box = dict[str, Any]
SUB = "11111111-2222-4333-8444-555555555555"
LAB = Build(version="0.11.1", pack="lab")


MORE = {
    "ImageScaleBy": {
        "input": {
            "required": {
                "image": ["IMAGE", {}],
                "upscale_method": [["nearest-exact", "bilinear", "area"], {}],
                "scale_by": ["FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0}],
            }
        },
        "output": ["IMAGE"],
        "display_name": "Upscale Image By",
    },
    "ImageCompositeMasked": {
        "input": {
            "required": {
                "destination": ["IMAGE", {}],
                "source": ["IMAGE", {}],
                "x": ["INT", {"default": 0}],
            },
            "optional": {"mask": ["MASK", {}]},
        },
        "output": ["IMAGE"],
    },
    "Maker": {"input": {"required": {
        "format": ["COMFY_DYNAMICCOMBO_V3", {"options": [
            {"key": "png", "inputs": {"required": {"depth": ["INT", {"default": 8}]}}},
            {"key": "jpeg", "inputs": {
                "required": {"quality": ["INT", {"default": 90}]},
                "optional": {"layout": ["COMFY_DYNAMICCOMBO_V3", {"options": [
                    {"key": "plain", "inputs": {}},
                    {"key": "steps", "inputs": {"required": {"scans": ["INT", {"default": 3}]}}},
                ]}], "like": ["IMAGE", {}]},
            }},
            {"key": "raw", "inputs": {}},
        ]}],
        "name": ["STRING", {"default": "x"}],
    }}},
    "CustomCombo": {"input": {"required": {"choice": ["COMBO", {"options": []}]}},
                    "output": ["STRING", "INT"]},
    "Cutter": {"input": {"required": {
        "image": ["IMAGE", {}],
        "region": ["BOUNDING_BOX", {
            "default": {"x": 0, "y": 0, "width": 512, "height": 512}, "socketless": True}],
    }}, "output": ["IMAGE"]},
    "Joiner": {"input": {"required": {
        "texts": ["COMFY_AUTOGROW_V3", {"template": {
            "input": {"required": {"text": ["STRING", {"forceInput": True}]}},
            "prefix": "text", "min": 1, "max": 9}}],
        "either": ["COMFY_MATCHTYPE_V3", {
            "template": {"template_id": "t", "allowed_types": "IMAGE,MASK"}}],
        "amount": ["FLOAT,INT", {"widgetType": "FLOAT", "default": 0.5, "max": 2}],
    }}, "output": ["STRING"]},
}  # fmt: skip
"""Classes that the stand-in server has no need of, as /object_info says them."""


def nodes(build: Build = LAB, inputs: Sequence[str] = ("a.png",)) -> Nodes:
    return Nodes.read(described(build, inputs) | MORE)


def box(id: int | str, type: str, *values: Any, mode: int = 0, **more: Any) -> Box:
    return {"id": id, "type": type, "mode": mode, "widgets_values": list(values), **more}


def takes(name: str, type: str, link: int | None, *, widget: bool = False) -> dict[str, Any]:
    socket: dict[str, Any] = {"name": name, "type": type, "link": link}
    return socket | {"widget": {"name": name}} if widget else socket


def loads(id: int = 1, file: str = "a.png", **more: Any) -> Box:
    return box(id, "LoadImage", file, "image", outputs=gives("IMAGE", "MASK"), **more)


def shows(id: int, link: int | None, **more: Any) -> Box:
    return box(id, "PreviewImage", inputs=[takes("images", "IMAGE", link)], **more)


def scales(id: int, link: int | None, *values: Any, **more: Any) -> Box:
    """One picture in, one out, two values: method and factor."""
    ports = {"inputs": [takes("image", "IMAGE", link)], "outputs": gives("IMAGE")}
    return box(id, "ImageScaleBy", *(values or ("bilinear", 1.5)), **(ports | more))


def samples(id: int, *values: Any, **more: Any) -> Box:
    usual = (5, "randomize", 20, 8, "euler", "normal", 1)
    return box(id, "KSampler", *(values or usual), outputs=gives("LATENT"), **more)


def gives(*types: str) -> list[dict[str, Any]]:
    return [{"name": type_, "type": type_, "links": None} for type_ in types]


def sheet(*boxes: Box, links: Sequence[Sequence[Any]] = (), **more: Any) -> dict[str, Any]:
    usual = {"id": str(uuid.uuid4()), "nodes": list(boxes), "links": list(links), "version": 0.4}
    return usual | more


def subgraph(
    *boxes: Box,
    links: Sequence[Sequence[int]],
    inputs: Sequence[str],
    outputs: Sequence[str],
    id: str = SUB,
) -> dict[str, Any]:
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return {
        "id": id,
        "name": "Sub",
        "nodes": list(boxes),
        "links": [dict(zip(names, link)) for link in links],
        "inputs": [{"name": name} for name in inputs],
        "outputs": [{"name": name} for name in outputs],
    }


def opened(file: dict[str, Any], known: Nodes | None = None) -> ApiGraph:
    return to_api(read_workflow(json.dumps(file).encode()), nodes() if known is None else known)


def bare(graph: Graph) -> dict[str, tuple[str, dict[str, Any]]]:
    """Without titles."""
    return {name: (node["class_type"], node["inputs"]) for name, node in graph.items()}


def inputs(file: dict[str, Any], known: Nodes | None = None) -> dict[str, dict[str, Any]]:
    return {name: node["inputs"] for name, node in opened(file, known).graph.items()}
