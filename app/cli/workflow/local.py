"""Plans a workflow for this computer: the photos take the place of one picture that it loads."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cli.inputs import InputOutput, pictures_of
from app.cli.report import Console, FileReport, tell_left_out
from app.cli.run import BatchPlan
from app.cli.workflow.inputs import photos_of, seed_lines
from app.cli.workflow.outputs import OutputName, OutputWriter, info_of, named
from app.commands.recipe import StepReport
from app.commands.workflow_inputs import LoadNode, absent_of, drawn, file_of
from app.engines.runner import InlineRunner
from app.text.notes import note
from engine.comfy.errors import WorkflowIncomplete
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.workflow.edit.addressing import parse_setting
from engine.workflow.edit.missing import with_values
from engine.workflow.edit.seeds import seed_places
from engine.workflow.format.reader import AnyWorkflow
from engine.workflow.local.file import for_local
from engine.workflow.local.nodes.table import LOCAL_NODES
from engine.workflow.local.runner import CheckedWorkflow, NodeReport, Source, check, run_local
from engine.workflow.local.values import LoadedImage, LoadedMask, RemovedPicture, Sampled

CROPS = (
    "Removal and painting work in crops around the masks, at the photo's own size; "
    "ComfyUI would send the whole picture through its models."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A checked workflow, and what is the same for all photos."""

    program: CheckedWorkflow
    photos: tuple[str, ...]  # ids of the nodes that the photos are for
    others: Mapping[str, Source]
    names: tuple[OutputName, ...]
    arguments: argparse.Namespace
    runner: InlineRunner

    def outputs(self, pair: InputOutput) -> list[Path]:
        folder, ending = pair.output.parent, pair.output.suffix
        return [one.path(folder, pair.input.stem, ending) for one in self.names]

    def work(self, pair: InputOutput, report: FileReport, console: Console) -> None:
        picture = read(pair.input, Limits(pixels=self.arguments.max_megapixels * 10**6))
        report.size, report.notes = list(picture.size), [note(code) for code in picture.notes]
        source = Source(picture=picture, key=str(pair.input))
        sources = {**self.others, **dict.fromkeys(self.photos, source)}
        previews = self.arguments.previews
        done = run_local(self.program, sources, self.runner, console, previews=previews)
        report.steps = [_step(one) for one in done.reports]
        writer = OutputWriter(
            sources=sources,
            photo=pair.input,
            quality=self.arguments.quality,
            force=self.arguments.force,
            steps=tuple(report.steps) if self.arguments.report else None,
        )
        files = self.outputs(pair)
        tell_left_out(writer.left_out(done.results, files), report, console)
        report.keep(writer.write(done.results, files))


def plan(
    arguments: argparse.Namespace, found: AnyWorkflow, runner: InlineRunner, console: Console
) -> BatchPlan:
    """All that can be checked before the first picture. Raises UsageError, EngineErrors."""
    path = arguments.recipe
    graph, random = for_local(found, path)
    values = dict(parse_setting(graph, LOCAL_NODES, text) for text in arguments.settings)
    seeds = drawn(seed_places(graph, random, values))
    graph = with_values(graph, values | seeds)
    program = check(graph, runner, path)
    loads = [_load(each) for each in program.loads]
    set_nodes = [node for node, input in values if input == "image"]
    photos = photos_of(loads, set_nodes, path)
    run = _Run(
        program=program,
        photos=photos,
        others=_sources(loads, photos, set_nodes, path),
        names=named(map(info_of, program.outputs(arguments.previews))),
        arguments=arguments,
        runner=runner,
    )
    pairs = pictures_of(arguments, arguments.format)
    if any(isinstance(each, RemovedPicture | Sampled) for each in program.work):
        console.say(CROPS)
    for text in seed_lines(seeds):
        console.say(text)
    return BatchPlan(pairs=pairs, outputs=run.outputs, work=run.work, force=arguments.force)


def _load(each: LoadedImage | LoadedMask) -> LoadNode:
    return LoadNode(each.origin.node, each.origin.title, each.file, isinstance(each, LoadedMask))


def _sources(
    loads: Sequence[LoadNode], photos: Sequence[str], set_nodes: Sequence[str], path: Path
) -> dict[str, Source]:
    """The pictures that are the same for all photos. Raises WorkflowIncomplete, FileErrors."""
    others = [load for load in loads if load.node not in photos]
    files = {
        each.node: file_of(each.file, path, anywhere=each.node in set_nodes) for each in others
    }
    if absent := tuple(absent_of(load) for load in others if files[load.node] is None):
        raise WorkflowIncomplete(path, absent)
    found = {node: file for node, file in files.items() if file is not None}
    return {node: Source(picture=read(file), key=str(file)) for node, file in found.items()}


def _step(report: NodeReport) -> StepReport:
    origin = report.origin
    facts = {"node": origin.node, "title": origin.title, **report.facts}
    if report.verb in ("remove", "paint") and (difference := whole_picture_note(report)):
        facts["difference"] = difference
    return StepReport(step=report.verb, facts=facts)


def whole_picture_note(report: NodeReport) -> str:
    """How ComfyUI's result would differ, in a sentence; "" where the crop is the whole picture."""
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
