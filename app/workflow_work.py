"""Workflows in the window: read, checked and run in the background. No Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli_workflow_photos import Load, drawn, file_of, photo_of
from app.window_crew import WindowCrew
from engine.backend import JobContext
from engine.comfy.plan import Graph
from engine.geometry import Image, Mask
from engine.picture import Picture
from engine.reading import read as read_picture
from engine.workflow.here import Result, Source, check, run_here
from engine.workflow.here_file import for_here
from engine.workflow.here_specs import HERE
from engine.workflow.missing import mapped
from engine.workflow.parameters import Parameter, parameters
from engine.workflow.reading import read
from engine.workflow.values import Loaded, LoadedMask

Values = Mapping[tuple[str, str], Any]
"""By node and input."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedWorkflow:
    """A workflow as this computer's nodes want it."""

    path: Path
    graph: Graph
    random: tuple[str, ...]  # nodes whose seed is drawn anew for each run
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWorkflow:
    """Read a file; nothing is asked of any engine. Raises WorkflowErrors."""

    path: Path

    def run(self, job: JobContext) -> OpenedWorkflow:
        job.report(0.0)
        graph, random = for_here(read(self.path), self.path)
        return OpenedWorkflow(
            path=self.path, graph=graph, random=random, parameters=parameters(graph, HERE)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunWorkflow:
    """Do all that it asks with the picture that is open. Answered by its last result."""

    opened: OpenedWorkflow
    values: Values
    crew: WindowCrew
    picture: Picture
    view: Image
    mask: Mask | None  # of the selection, where there is one: a workflow may read it

    def run(self, job: JobContext) -> Result | None:
        """Raises WorkflowErrors before anything ran, EngineErrors."""
        opened = self.opened
        graph = mapped(opened.graph, {**_seeds(opened, self.values), **self.values})
        program = check(graph, self.crew, opened.path)
        loads = [_load(each) for each in program.loads]
        photo = photo_of(loads, (), opened.path)
        done = run_here(program, self._sources(loads, photo), self.crew, job)
        made = [result for result in done.results if result.kind == "image"]
        return made[-1] if made else None

    def _sources(self, loads: list[Load], photo: str) -> dict[str, Source]:
        """The open picture, and for masks its selection, else the files that are named."""
        own = Source(picture=self.picture, view=self.view, mask=self.mask)
        found: dict[str, Source] = {photo: own}
        for load in loads:
            if load.node == photo:
                continue
            file = file_of(load.file, self.opened.path)
            if load.is_mask and self.mask is not None:
                found[load.node] = own
            elif file is not None:
                found[load.node] = Source(picture=read_picture(file), key=str(file))
        return found


def _seeds(opened: OpenedWorkflow, values: Values) -> dict[tuple[str, str], int]:
    wanted = [node for node in opened.random if "seed" in opened.graph[node]["inputs"]]
    places = {(node, "seed"): seed for node, seed in drawn(wanted).items()}
    return {place: seed for place, seed in places.items() if place not in values}


def _load(each: Loaded | LoadedMask) -> Load:
    return Load(each.origin.node, each.origin.title, each.file, isinstance(each, LoadedMask))
