"""The record of one class of nodes: its interface in ComfyUI's windows, and the values it makes.

Interfaces are those of the newest version of each node (older ones are in
engine.workflow.format.renamed_inputs), with the inputs in the order in which a UI file lists them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.comfy.protocol.object_info import COMBO, InputSpec, NodeSpec, OutputSpec
from engine.workflow.local.inputs import NodeInputs
from engine.workflow.local.values import Sink, Value

IMAGE, MASK, LATENT, MODEL = "IMAGE", "MASK", "LATENT", "MODEL"
CLIP, VAE, CONDITIONING = "CLIP", "VAE", "CONDITIONING"

MAX_SIDE_PX = 16_384  # as ComfyUI has it

Build: TypeAlias = Callable[[NodeInputs], tuple[Value, ...] | Sink]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalNode:
    """One class of nodes. `build` makes the values of its outputs of its inputs, or an output."""

    name: str
    title: str
    inputs: tuple[InputSpec, ...] = ()
    outputs: tuple[str, ...] = ()  # types; () for those that show or save
    build: Build

    @property
    def spec(self) -> NodeSpec:
        """The interface, as a server would tell it."""
        return NodeSpec(
            name=self.name,
            title=self.title,
            pack="",
            inputs=self.inputs,
            outputs=tuple(OutputSpec(name=type_, type=type_) for type_ in self.outputs),
            is_output=not self.outputs,
        )


def link(name: str, type_: str) -> InputSpec:
    """A link that is required."""
    return InputSpec(name=name, type=type_)


def optional(name: str, type_: str) -> InputSpec:
    """A link that may be left open."""
    return InputSpec(name=name, type=type_, required=False)


def links(**types: str) -> tuple[InputSpec, ...]:
    """Required links, by name and type."""
    return tuple(link(name, type_) for name, type_ in types.items())


def integer(name: str, default: int) -> InputSpec:
    """A whole number."""
    return InputSpec(name=name, type="INT", default=default, is_widget=True)


def integers(**defaults: int) -> tuple[InputSpec, ...]:
    """Whole numbers, by name and default."""
    return tuple(integer(name, default) for name, default in defaults.items())


def number(name: str, default: float) -> InputSpec:
    """A number."""
    return InputSpec(name=name, type="FLOAT", default=default, is_widget=True)


def text(name: str, default: str = "") -> InputSpec:
    """A text."""
    return InputSpec(name=name, type="STRING", default=default, is_widget=True)


def flag(name: str, default: bool) -> InputSpec:
    """True or false."""
    return InputSpec(name=name, type="BOOLEAN", default=default, is_widget=True)


def choice(name: str, *options: str, default: str = "") -> InputSpec:
    """The first option is usual; without options any text is taken."""
    usual = default or (options[0] if options else None)
    return InputSpec(name=name, type=COMBO, options=options, default=usual, is_widget=True)


def file(name: str) -> InputSpec:
    """A model's file; none is an option here, so that missing ones are reported later."""
    return InputSpec(name=name, type=COMBO, is_widget=True)


def upload(name: str) -> InputSpec:
    """A picture that the user sends."""
    return InputSpec(name=name, type=COMBO, is_widget=True, is_upload=True)


def seed(name: str) -> InputSpec:
    """A seed, which a control follows in a UI file."""
    return InputSpec(name=name, type="INT", default=0, is_widget=True, has_control=True)


def region(name: str) -> InputSpec:
    """A rectangle in pixels: an object of x, y, width and height."""
    default: Mapping[str, Any] = {"x": 0, "y": 0, "width": 512, "height": 512}
    return InputSpec(name=name, type="BOUNDING_BOX", default=default, is_widget=True)
