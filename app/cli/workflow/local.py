"""A workflow on this computer: every photo takes the place of the one that the file names."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.inputs import InputOutput, with_outputs
from app.cli.report import Console, FileReport
from app.cli.run import BatchPlan
from app.cli.workflow.inputs import photos_of, said_of
from app.cli.workflow.outputs import OutputName, named, sign_of, written
from app.commands.recipe import StepReport
from app.commands.workflow_inputs import LoadNode, absent_of, drawn, file_of
from app.engines.runner import InlineRunner
from app.text.notes import note
from engine.comfy.errors import WorkflowIncomplete
from engine.image_io.reader import read
from engine.workflow.edit.addressing import parse_setting
from engine.workflow.edit.missing import with_values
from engine.workflow.format.reader import AnyWorkflow
from engine.workflow.local.file import for_local
from engine.workflow.local.node_specs import LOCAL_NODES
from engine.workflow.local.runner import CheckedWorkflow, NodeReport, Source, check, run_local
from engine.workflow.local.values import LoadedImage, LoadedMask, RemovedPicture, Sampled

CROPS = (
    "Removal and painting work in crops around the masks, at the photo's own size; "
    "ComfyUI would send the whole picture through its models."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What is the same for all photos."""

    program: CheckedWorkflow
    photos: tuple[str, ...]  # ids of the nodes that the photos are for
    others: Mapping[str, Source]
    names: tuple[OutputName, ...]
    arguments: argparse.Namespace
    runner: InlineRunner

    def outputs(self, pair: InputOutput) -> list[Path]:
        ending = pair.output.suffix
        folder = self.arguments.output
        return [one.path(folder, pair.input.stem, ending) for one in self.names]

    def work(self, pair: InputOutput, report: FileReport, console: Console) -> None:
        picture = read(pair.input)
        report.size, report.notes = list(picture.size), [note(code) for code in picture.notes]
        source = Source(picture=picture, key=str(pair.input))
        sources = {**self.others, **dict.fromkeys(self.photos, source)}
        previews = self.arguments.previews
        done = run_local(self.program, sources, self.runner, console, previews=previews)
        report.steps = [_step(one) for one in done.reports]
        files = written(
            done.results, self.outputs(pair),
            quality=self.arguments.quality, force=self.arguments.force,
        )  # fmt: skip
        report.outputs = [str(file) for file in files]


def plan(
    arguments: argparse.Namespace, found: AnyWorkflow, runner: InlineRunner, console: Console
) -> BatchPlan:
    """All that can be checked before the first picture. Raises UsageError, EngineErrors."""
    path = arguments.recipe
    graph, random = for_local(found, path)
    values = dict(parse_setting(graph, LOCAL_NODES, text) for text in arguments.settings)
    open_seeds = [n for n in random if "seed" in graph[n]["inputs"] and (n, "seed") not in values]
    seeds = drawn(open_seeds)
    graph = with_values(graph, values | {(node, "seed"): seed for node, seed in seeds.items()})
    program = check(graph, runner, path)
    loads = [_load(each) for each in program.loads]
    set_ = [node for node, input in values if input == "image"]
    photos = photos_of(loads, set_, path)
    run = _Run(
        program=program,
        photos=photos,
        others=_sources(loads, photos, set_, path),
        names=named(map(sign_of, program.outputs(arguments.previews))),
        arguments=arguments,
        runner=runner,
    )
    pairs = with_outputs(arguments.inputs, arguments.output, arguments.format)
    if any(isinstance(each, RemovedPicture | Sampled) for each in program.work):
        console.say(CROPS)
    for text in said_of(seeds.items()):
        console.say(text)
    return BatchPlan(pairs=pairs, outputs=run.outputs, work=run.work, force=arguments.force)


def _load(each: LoadedImage | LoadedMask) -> LoadNode:
    return LoadNode(each.origin.node, each.origin.title, each.file, isinstance(each, LoadedMask))


def _sources(
    loads: Sequence[LoadNode], photos: Sequence[str], set_: Sequence[str], path: Path
) -> dict[str, Source]:
    """The pictures that are the same for all photos. Raises WorkflowIncomplete, FileErrors."""
    others = [load for load in loads if load.node not in photos]
    files = {each.node: file_of(each.file, path, anywhere=each.node in set_) for each in others}
    if absent := tuple(absent_of(load) for load in others if files[load.node] is None):
        raise WorkflowIncomplete(path, absent)
    found = {node: file for node, file in files.items() if file is not None}
    return {node: Source(picture=read(file), key=str(file)) for node, file in found.items()}


def _step(report: NodeReport) -> StepReport:
    origin = report.origin
    facts = {"node": origin.node, "title": origin.title, **report.facts}
    if report.verb in ("remove", "paint") and (said := difference(report)):
        facts["difference"] = said
    return StepReport(step=report.verb, facts=facts)


def difference(report: NodeReport) -> str:
    """What ComfyUI would have done otherwise, in one sentence; "" where the crop is all of it."""
    width, height = report.facts["size"]
    crops = [crop for crop in report.facts["crops"] if crop[2:] != [width, height]]
    if not crops:
        return ""
    listed = " and ".join(f"{w} x {h}" for _, _, w, h in crops)
    done = "painted" if report.verb == "paint" else "filled"
    return (
        f"{done} in a crop of {listed} around the mask; "
        f"ComfyUI would have {done} the whole picture of {width} x {height}"
    )
