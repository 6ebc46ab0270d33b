"""Inputs of nodes in every version of their pack, so that old files can be read.

ComfyUI-SAM3 had three in six months. Each version is what /object_info said of it, as far as it
matters here, the newest first; measured on servers of each version.
"""

from typing import Any, NamedTuple

from engine.comfy.protocol.object_info import InputSpec


class NodeVersions(NamedTuple):
    """The inputs of one node class in each version."""

    versions: tuple[tuple[InputSpec, ...], ...]
    aliases: tuple[frozenset[str], ...] = ()  # names that mean the same input

    @property
    def names(self) -> frozenset[str]:
        """The names of all inputs of all versions."""
        return frozenset(each.name for form in self.versions for each in form)

    def aliases_of(self, name: str) -> frozenset[str]:
        """The other names of an input."""
        return frozenset(each for group in self.aliases if name in group for each in group - {name})


def _widget(name: str, type_: str, default: Any, options: tuple[str, ...] = ()) -> InputSpec:
    return InputSpec(name=name, type=type_, default=default, options=options, is_widget=True)


def _socket(name: str, type_: str) -> InputSpec:
    return InputSpec(name=name, type=type_)


_PRECISION = _widget("precision", "COMBO", "auto", ("auto", "bf16", "fp16", "fp32"))
_COMPILE = _widget("compile", "BOOLEAN", False)
_MODEL_PATH = _widget("model_path", "STRING", "models/sam3/sam3.pt")
_OFFLOAD = _widget("offload_model", "BOOLEAN", False)
_MODEL, _CONFIG = "sam3_model", "sam3_model_config"
_GROUNDING = (
    _socket("image", "IMAGE"),
    _widget("confidence_threshold", "FLOAT", 0.2),
    _widget("text_prompt", "STRING", ""),
    _socket("positive_boxes", "SAM3_BOXES_PROMPT"),
    _socket("negative_boxes", "SAM3_BOXES_PROMPT"),
    _widget("max_detections", "INT", -1),
)
_SEGMENTATION = (
    _socket("image", "IMAGE"),
    _socket("positive_points", "SAM3_POINTS_PROMPT"),
    _socket("negative_points", "SAM3_POINTS_PROMPT"),
    _socket("box", "SAM3_BOXES_PROMPT"),
    _widget("refinement_iterations", "INT", 0),
    _widget("use_multimask", "BOOLEAN", True),
    _widget("output_best_mask", "BOOLEAN", True),
)
_MULTIPROMPT = (
    _socket("image", "IMAGE"),
    _socket("multi_prompts", "SAM3_MULTI_PROMPTS"),
    _widget("refinement_iterations", "INT", 0),
    _widget("use_multimask", "BOOLEAN", False),
)


def custom_combo(count: int) -> tuple[InputSpec, ...]:
    """The widgets of a CustomCombo whose file lists `count` values: its options are widgets, too.

    A server says nothing of these, and takes whatever comes.
    """
    options = (_widget(f"option{number}", "STRING", None) for number in range(1, count - 1))
    return (_widget("choice", "COMBO", None), _widget("index", "INT", None), *options)


def _user(inputs: tuple[InputSpec, ...]) -> NodeVersions:
    """A node that uses the model, whose input was renamed, and lost an option."""
    old = (_socket(_MODEL, "SAM3_MODEL"), *inputs)
    new = (_socket(_CONFIG, "SAM3_MODEL_CONFIG"), *inputs)
    return NodeVersions((new, old, (*old, _OFFLOAD)), (frozenset({_MODEL, _CONFIG}),))


NODE_VERSIONS: dict[str, NodeVersions] = {
    "LoadSAM3Model": NodeVersions((
        (_PRECISION, _COMPILE),
        (_MODEL_PATH, _PRECISION, _widget("attention", "COMBO", "auto"), _COMPILE),
        (_MODEL_PATH,),
    )),
    "SAM3Grounding": _user(_GROUNDING),
    "SAM3Segmentation": _user(_SEGMENTATION),
    "SAM3MultipromptSegmentation": _user(_MULTIPROMPT),
}  # fmt: skip
