"""Files and choices that a graph names and a server lacks, and values put in their place."""

import re
from collections.abc import Mapping
from typing import Any

from engine.comfy.errors import Absent
from engine.comfy.prompt_plan import FOLDER, Graph
from engine.comfy.protocol.object_info import COMBO, InputSpec, Nodes
from engine.workflow.format.repair import node_title

INPUT = "input"  # the server's folder of pictures
_FOLDERS = {
    "ckpt_name": "checkpoints",
    "lora_name": "loras",
    "vae_name": "vae",
    "unet_name": "diffusion_models",
    "clip_name": "text_encoders",
    "clip_name1": "text_encoders",
    "clip_name2": "text_encoders",
    "control_net_name": "controlnet",
    "style_model_name": "style_models",
}
_BY_CLASS = {("UpscaleModelLoader", "model_name"): "upscale_models"}
_ELSEWHERE = re.compile(r" \[(output|temp)\]$")  # folders of results, which nobody lists
_INPUT_MARK = re.compile(r" \[input\]$")
_COPY = re.compile(r" \(\d+\)(?=\.[^.]*$|$)")  # what a browser adds to a second download


def folder_of(class_type: str, input: str, spec: InputSpec | None) -> str:
    """The model folder whose files an input offers; "" where it offers no files."""
    if spec and spec.is_upload:
        return INPUT
    return _BY_CLASS.get((class_type, input)) or _FOLDERS.get(input, "")


def absent_values(graph: Graph, nodes: Nodes) -> tuple[Absent, ...]:
    """Values that are none of their input's options, each with the options.

    A server lists only the pictures at the top of its input folder: for those in subfolders the
    server has to be asked. Pictures that Lacuna uploads itself are left out.
    """
    return tuple(
        Absent(name, node_title(node, nodes), input, value, folder, spec.options)
        for name, node in graph.items()
        for input, value in node["inputs"].items()
        if isinstance(value, str)
        and (spec := nodes.input(node["class_type"], input, node["inputs"]))
        for folder in [folder_of(node["class_type"], input, spec)]
        if _is_absent(value, spec, folder)
    )


def _is_absent(value: str, spec: InputSpec, folder: str) -> bool:
    """No options means "no files" for an input of files, and "unknown" for any other."""
    if spec.value_type != COMBO or not (spec.options or folder):
        return False
    if folder == INPUT and (_ELSEWHERE.search(value) or value.startswith(f"{FOLDER}/")):
        return False
    return value not in spec.options and _INPUT_MARK.sub("", value) not in spec.options


def suggest(what: Absent) -> str:
    """The only option that may be the same file; "" where there is none, or more than one.

    Ignores folders, then the " (1)" of a repeated download. A suggestion for the user: equal
    names may be different files.
    """
    for key in (_base, _original):
        found = [each for each in what.choices if key(each) == key(what.value)]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def _base(name: str) -> str:
    """File name in lower case; folders may be separated by either slash."""
    return _INPUT_MARK.sub("", name).replace("\\", "/").rsplit("/", 1)[-1].lower()


def _original(name: str) -> str:
    return _COPY.sub("", _base(name))


def with_values(graph: Graph, values: Mapping[tuple[str, str], Any]) -> Graph:
    """The graph with these values by (node, input). Raises KeyError for an unknown node."""
    found = dict(graph)
    for (node, input), value in values.items():
        found[node] = {**found[node], "inputs": {**found[node]["inputs"], input: value}}
    return found
