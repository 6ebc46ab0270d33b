"""Layers around modules of a network, which add the changes of LoRAs to what a module makes."""

from collections.abc import Mapping
from typing import Any

import torch

from engine.local.nets.adapters.changes import WeightChange


class AdaptedLayer(torch.nn.Module):
    """A module with changes; those that have a strength are added. Else it is the module."""

    def __init__(self, base_layer: torch.nn.Module) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.changes = torch.nn.ModuleDict()
        self.strengths: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("base_layer"), name)

    def forward(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        out = self.base_layer(x, *args, **kwargs)
        made = out
        for name, strength in self.strengths.items():
            change: Any = self.changes[name]
            made = made + strength * change.added(x, self.base_layer, out).to(made.dtype)
        return made


def adapted_layers(net: torch.nn.Module) -> list[AdaptedLayer]:
    """All of a network."""
    return [module for module in net.modules() if isinstance(module, AdaptedLayer)]


def put(net: torch.nn.Module, path: str, name: str, change: WeightChange) -> None:
    """Have a change at a module, without strength."""
    module = net.get_submodule(path)
    if not isinstance(module, AdaptedLayer):
        parent, _, child = path.rpartition(".")
        module = AdaptedLayer(module)
        setattr(net.get_submodule(parent), child, module)
    module.changes[name] = change.requires_grad_(requires_grad=False)


def set_strengths(net: torch.nn.Module, strengths: Mapping[str, float]) -> None:
    """Of the changes with these names; all others have none."""
    for layer in adapted_layers(net):
        layer.strengths = {name: strengths[name] for name in strengths if name in layer.changes}


def drop(net: torch.nn.Module, name: str) -> None:
    """Forget the changes with this name; a layer without any becomes its module again."""
    for path, layer in list(net.named_modules()):
        if isinstance(layer, AdaptedLayer) and name in layer.changes:
            del layer.changes[name]
            layer.strengths.pop(name, None)
            if not layer.changes:
                parent, _, child = path.rpartition(".")
                setattr(net.get_submodule(parent), child, layer.base_layer)


def base_of(module: torch.nn.Module) -> Any:
    """The module itself, without what is around it."""
    return module.base_layer if isinstance(module, AdaptedLayer) else module
