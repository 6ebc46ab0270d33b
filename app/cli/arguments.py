"""The words of the command line, and the recipe they stand for."""

import argparse
from pathlib import Path
from typing import Any

from app.cli import values
from engine.dispatch.choice import AUTO, WANTED
from engine.jobs.paint_settings import (
    MAX_SEED,
    MAX_VARIANTS,
    SAMPLERS,
    SCHEDULERS,
    PaintDraft,
    StartFrom,
)
from engine.jobs.requests import FIND_FLOOR
from engine.recipes.coordinates import Example, PointCoordinates
from engine.recipes.recipe import WRITABLE, OutputOptions, Recipe
from engine.recipes.steps import ALL, FindStep, PaintStep, RemoveStep, SelectStep, Step

MAX_REMOVE_SEED = 2**31 - 1
WAYS = ("box", "mask", "find")
PLACES = ("here", "server")


class UsageError(Exception):
    """Arguments that do not go together; the text says how they would."""


DESCRIPTION = """Photo editor: click an object, refine the mask, remove it; nothing else changes.

Without one of the commands below, `lacuna [files]` opens the window.
Places are pixels from the upper left corner, or shares such as 25%."""

EXAMPLES = """examples:
  lacuna remove photo.jpg --point 820,460 -o clean.jpg
  lacuna select photo.jpg --box 10%,20%,30%,40% -o mask.png
  lacuna find photo.jpg "plate with food" --threshold 0.2 -o mask.png
  lacuna paint photo.jpg --mask mask.png --prompt "a piece of meat" -o new.png
  lacuna run recipe.yaml photos/*.jpg -o out/ --json report.json
  lacuna run workflow.json photos/*.jpg --set KSampler.seed=5 -o out/
  lacuna models fetch big-lama
  lacuna server add workshop http://192.168.1.20:8188

exit codes: 0 done, 1 some files failed, 2 wrong arguments, 130 interrupted"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="lacuna",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument(
        "--self-test",
        nargs="?",
        const="-",
        metavar="FILE",
        help="check that this installation works; the report is JSON",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    _add_remove(commands)
    _add_select(commands)
    _add_find(commands)
    _add_paint(commands)
    _add_run(commands)
    commands.add_parser("models", help="list, fetch and check models; `lacuna models --help`")
    commands.add_parser("server", help="add and test ComfyUI servers; `lacuna server --help`")
    return top


def _add_remove(commands: Any) -> None:
    one = commands.add_parser("remove", help="erase an object from one picture")
    _add_selection(one)
    _add_engine(one)
    _add_reach(one)
    one.add_argument(
        "--seed",
        type=values.count(0, MAX_REMOVE_SEED),
        default=0,
        metavar="N",
        help="another seed, another fill",
    )
    _add_quality(one)
    _add_output(one, "the picture to write; its ending says the format")


def _add_select(commands: Any) -> None:
    one = commands.add_parser("select", help="write the mask of an object as a picture")
    _add_selection(one)
    _add_engine(one)
    _add_output(one, "the mask to write, a gray PNG: white is marked")


def _add_find(commands: Any) -> None:
    one = commands.add_parser("find", help="write the mask of all that a text or boxes name")
    one.add_argument("input", type=Path, metavar="IN")
    one.add_argument("text", nargs="?", default="", metavar="TEXT", help="what to find")
    _add_threshold(one)
    one.add_argument(
        "--pick", type=values.pick, default=ALL, metavar="all|best|1,2", help="which of them"
    )
    one.add_argument(
        "--example", type=values.box, action="append", default=[], metavar="X,Y,W,H",
        help="around one of them",
    )  # fmt: skip
    one.add_argument(
        "--not", dest="outside", type=values.box, action="append", default=[], metavar="X,Y,W,H",
        help="around what is none of them",
    )  # fmt: skip
    _add_output(one, "the mask to write, a gray PNG: white is marked")


def _add_paint(commands: Any) -> None:
    one = commands.add_parser("paint", help="paint something new where the mask is")
    _add_selection(one)
    one.add_argument("--prompt", required=True, metavar="TEXT", help="what to paint")
    one.add_argument("--avoid", default="", metavar="TEXT", help="what not to paint")
    one.add_argument("--model", default="", metavar="NAME", help="instead of the best at hand")
    one.add_argument(
        "--lora", type=values.lora, action="append", default=[], metavar="NAME[:WEIGHT]",
        help="to be used with it; as often as there are some",
    )  # fmt: skip
    one.add_argument("--steps", type=values.count(1, 150), metavar="N")
    one.add_argument("--guidance", "--cfg", type=values.number(0, 50), metavar="N")
    one.add_argument("--sampler", choices=SAMPLERS, default="", metavar="NAME")
    one.add_argument("--scheduler", choices=SCHEDULERS, default="", metavar="NAME")
    one.add_argument(
        "--strength", type=values.number(0.01, 1), default=1.0, metavar="0-1",
        help="how much of what is there is replaced",
    )  # fmt: skip
    one.add_argument("--seed", type=values.count(0, MAX_SEED), default=0, metavar="N")
    one.add_argument(
        "--start-from", choices=[start.value for start in StartFrom], default="original",
        help="what lies under the mask when painting begins",
    )  # fmt: skip
    one.add_argument("--remove-first", action="store_true", help="erase it, then paint there")
    one.add_argument(
        "--variants", type=values.count(1, MAX_VARIANTS), default=1, metavar="N",
        help="so many results: OUT-1, OUT-2...",
    )  # fmt: skip
    one.add_argument("--no-refine", action="store_true", help="no second pass on large places")
    _add_reach(one)
    _add_quality(one)
    _add_output(one, "the picture to write; its ending says the format")


def _add_run(commands: Any) -> None:
    one = commands.add_parser("run", help="run a recipe or a ComfyUI workflow on pictures")
    one.add_argument("recipe", type=Path, metavar="RECIPE.yaml|WORKFLOW.json")
    one.add_argument("inputs", nargs="+", metavar="FILE", help="pictures, folders, or patterns")
    one.add_argument("--format", choices=WRITABLE, help="instead of the recipe's or the source's")
    _add_workflow(one)
    _add_quality(one)
    _add_output(one, "the folder to write to")


def _add_workflow(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--on", choices=PLACES, help="where it is run; a recipe: as it says, else the best at hand"
    )
    one.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="NODE.INPUT=VALUE",
        help="a value of a workflow; the node by its title, class or id",
    )  # fmt: skip
    one.add_argument(
        "--previews", action="store_true", help="write what a workflow only previews, too"
    )


def _add_selection(one: argparse.ArgumentParser) -> None:
    one.add_argument("input", type=Path, metavar="IN")
    one.add_argument(
        "--point",
        type=values.point,
        action="append",
        default=[],
        metavar="X,Y",
        help="on the object",
    )
    one.add_argument(
        "--not", dest="outside", type=values.point, action="append", default=[], metavar="X,Y",
        help="not on the object",
    )  # fmt: skip
    one.add_argument("--box", type=values.box, metavar="X,Y,W,H", help="around the object")
    one.add_argument("--mask", type=Path, metavar="M.png", help="a picture that is white there")
    one.add_argument("--find", metavar="TEXT", help="all that the text names")
    _add_threshold(one)
    one.add_argument(
        "--candidate",
        type=int,
        choices=(1, 2, 3),
        default=1,
        help="the second or third best answer",
    )


def _add_threshold(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--threshold", type=values.number(FIND_FLOOR, 1), default=FindStep().threshold,
        metavar="0-1", help="how sure a find must be",
    )  # fmt: skip


def _add_engine(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--engine", choices=WANTED, default=AUTO, help="who works: the best at hand is auto"
    )


def _add_reach(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--grow", type=values.pixels, metavar="PX", help="replace this far around the mask"
    )
    one.add_argument(
        "--feather", type=values.pixels, metavar="PX", help="mix old and new this far out"
    )
    one.add_argument("--context", type=values.pixels, metavar="PX", help="look this far around")


def _add_quality(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--quality", type=values.quality, metavar="1-100", help="of JPEG, WebP and AVIF (92)"
    )


def _add_output(one: argparse.ArgumentParser, output: str) -> None:
    one.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=output)
    one.add_argument("--force", action="store_true", help="replace outputs that exist")
    one.add_argument("--json", metavar="FILE", help="write a report; - is the standard output")


def recipe(arguments: argparse.Namespace) -> Recipe:
    """What a command other than `run` asks for. Raises Usage."""
    match arguments.command:
        case "find":
            return Recipe(steps=(_find(arguments),))
        case "select":
            return Recipe(steps=(selection(arguments),))
        case "remove":
            steps: tuple[Step, ...] = (selection(arguments), _remove(arguments))
        case _:
            steps = (selection(arguments), *_paint(arguments))
    return Recipe(steps=steps, output=OutputOptions(quality=arguments.quality or 92))


def selection(arguments: argparse.Namespace) -> SelectStep | FindStep:
    """The one way to select that was given. Raises Usage."""
    points = [PointCoordinates(x, y) for x, y in arguments.point]
    ways = (bool(points), *(getattr(arguments, name) is not None for name in WAYS))
    if ways.count(True) != 1:
        raise UsageError("give exactly one of --point, --box, --mask, --find")
    if arguments.outside and not points:
        raise UsageError("--not only works beside --point")
    if arguments.find is not None:
        return FindStep(text=arguments.find, threshold=arguments.threshold)
    points += [PointCoordinates(x, y, False) for x, y in arguments.outside]
    return SelectStep(
        points=tuple(points),
        box=arguments.box,
        mask=arguments.mask,
        candidate=arguments.candidate,
        engine=getattr(arguments, "engine", AUTO),
    )


def _find(arguments: argparse.Namespace) -> FindStep:
    text = arguments.text.strip()
    if not text and not arguments.example:
        raise UsageError("say what to find, or give --example")
    examples = [Example(box) for box in arguments.example]
    examples += [Example(box, False) for box in arguments.outside]
    return FindStep(
        text=text,
        examples=tuple(examples),
        threshold=arguments.threshold,
        pick=arguments.pick,
    )


def _remove(arguments: argparse.Namespace) -> RemoveStep:
    return RemoveStep(
        grow_px=arguments.grow,
        feather_px=arguments.feather,
        context_px=arguments.context,
        seed=arguments.seed,
        engine=arguments.engine,
    )


def _paint(arguments: argparse.Namespace) -> tuple[Step, ...]:
    reach = {
        "grow_px": arguments.grow,
        "feather_px": arguments.feather,
        "context_px": arguments.context,
    }
    paint = PaintStep(
        **reach,
        draft=_draft(arguments),
        seed=arguments.seed,
        variants=arguments.variants,
    )
    first = (RemoveStep(**reach, keep_selection=True),) if arguments.remove_first else ()
    return (*first, paint)


def _draft(arguments: argparse.Namespace) -> PaintDraft:
    return PaintDraft().changed(
        prompt=arguments.prompt,
        negative_prompt=arguments.avoid,
        checkpoint=arguments.model,
        loras=tuple(arguments.lora),
        steps=arguments.steps,
        guidance=arguments.guidance,
        sampler=arguments.sampler or None,
        scheduler=arguments.scheduler or None,
        strength=arguments.strength,
        start_from=StartFrom(arguments.start_from),
        refine=not arguments.no_refine,
    )
