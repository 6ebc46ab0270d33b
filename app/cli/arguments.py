"""The recipe that the arguments of a command stand for."""

import argparse

from app.cli.exit_codes import UsageError
from engine.dispatch.choice import AUTO
from engine.jobs.paint_settings import PaintDraft, StartFrom
from engine.recipes.coordinates import Example, PointCoordinates
from engine.recipes.recipe import OutputOptions, Recipe
from engine.recipes.steps import FindStep, MaskPath, PaintStep, RemoveStep, SelectStep, Step


def recipe(arguments: argparse.Namespace) -> Recipe:
    """What a command other than `run` asks for. Raises UsageError."""
    match arguments.command:
        case "find":
            return Recipe(steps=(_find(arguments),))
        case "select":
            return Recipe(steps=(selection(arguments),))
        case "remove":
            steps: tuple[Step, ...] = (selection(arguments), _remove(arguments))
        case _:
            steps = (selection(arguments), *_paint(arguments))
    return Recipe(steps=steps, output=OutputOptions(quality=arguments.quality))


def selection(arguments: argparse.Namespace) -> SelectStep | FindStep:
    """The one way to select that was given. Raises UsageError."""
    points = [PointCoordinates(x, y) for x, y in arguments.point]
    places = bool(points or arguments.box)
    ways = places, bool(arguments.mask), arguments.find is not None, arguments.subject
    if ways.count(True) != 1:
        raise UsageError("give exactly one of --point or --box, --mask, --find, --subject")
    if arguments.outside and not places:
        raise UsageError("--not only works beside --point or --box")
    if arguments.find is not None:
        return FindStep(
            text=arguments.find, threshold=arguments.threshold, soft_edge=arguments.soft_edge
        )
    points += [PointCoordinates(x, y, False) for x, y in arguments.outside]
    return SelectStep(
        points=tuple(points),
        boxes=tuple(arguments.box),
        masks=tuple(MaskPath(name=name) for name in arguments.mask),
        subject=arguments.subject,
        candidate=arguments.candidate,
        engine=getattr(arguments, "engine", AUTO),
        soft_edge=arguments.soft_edge,
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
        soft_edge=arguments.soft_edge,
    )


def _remove(arguments: argparse.Namespace) -> RemoveStep:
    return RemoveStep(
        grow_px=arguments.grow,
        feather_px=arguments.feather,
        context_px=arguments.context,
        seed=arguments.seed,
        engine=arguments.engine,
        soft_edge=arguments.soft_edge,
    )


def _paint(arguments: argparse.Namespace) -> tuple[Step, ...]:
    reach = {
        "grow_px": arguments.grow,
        "feather_px": arguments.feather,
        "context_px": arguments.context,
        "soft_edge": arguments.soft_edge,
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
