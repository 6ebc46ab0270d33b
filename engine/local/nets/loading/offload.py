"""Places networks as the plan says: all on the device, one at a time, or layer by layer."""

from typing import Any

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from diffusers.hooks.group_offloading import apply_group_offloading

from engine.dispatch.memory_plan import MemoryPlan, Placement
from engine.local.nets.components import PipelineComponents

HOST = torch.device("cpu")


class SequentialOffload:
    """Of several networks one is on the device: the one that runs, until another does."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._current: Any = None

    def add(self, net: Any) -> None:
        """Have a network take turns; it goes to the host until then."""
        net.to(HOST)
        add_hook_to_module(net, _Turn(self, net), append=True)

    def take(self, net: Any) -> None:
        """Bring a network to the device, after the one before has left it."""
        if net is self._current:
            return
        if self._current is not None:
            self._current.to(HOST)
        self._current = None  # were there no room now, none would be there
        net.to(self._device)
        self._current = net


class _Turn(ModelHook):
    """Runs before a network does; diffusers calls it for a VAE's encode and decode too."""

    def __init__(self, turns: SequentialOffload, net: Any) -> None:
        self._turns, self._net = turns, net

    def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        self._turns.take(self._net)
        return args, kwargs


def place(parts: PipelineComponents, plan: MemoryPlan | None) -> None:
    """Once, after loading. Without a plan all networks go to the device."""
    placement = plan.placement if plan is not None else Placement.ALL
    nets = (*parts.text_encoders, parts.backbone, parts.vae)
    if placement is Placement.ALL or parts.device.type == "cpu":
        for net in nets:
            net.to(parts.device)
        return
    parts.in_layers = placement is Placement.GROUP
    layered = (*parts.text_encoders, parts.backbone) if parts.in_layers else ()
    for net in layered:
        in_layers(net, parts.device)
    turns = SequentialOffload(parts.device)
    for net in nets:
        if net not in layered:
            turns.add(net)


def in_layers(net: Any, device: torch.device) -> None:
    """Each layer comes to the device when it runs, the next one meanwhile."""
    apply_group_offloading(
        net, onload_device=device, offload_device=HOST, offload_type="leaf_level",
        use_stream=device.type == "cuda",
    )  # fmt: skip
