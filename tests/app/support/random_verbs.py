"""Random scripts of verbs, played by several players with and without interruptions.

All players have the same document, byte for byte, after every step.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from app.journal.journal import recover
from app.view import clipboard
from engine.geometry import Rect, Size
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.inpaint.crops import RemoveOptions
from engine.selection.adjust import Adjustments
from engine.selection.brush import Brush
from engine.selection.masks import CombineMode
from tests.app.support.verb_player import INTERRUPTIONS, Player
from tests.support.documents import fingerprint, picture

Random: TypeAlias = np.random.Generator


class Step(NamedTuple):
    """One verb of a script, or an interruption."""

    verb: str
    seed: int


SIZE = Size(160, 120)


def picture_files(folder: Path) -> list[Path]:
    """Three pictures of different depth and channels."""
    paths = [folder / f"{kind}.png" for kind in ("rgb8", "rgba16", "gray8")]
    for path in paths:
        write(picture(path.stem, SIZE), path, ExportOptions())
    return paths


def script(seed: int, length: int) -> list[Step]:
    """A random row of steps; about one in twelve is an interruption."""
    random = np.random.default_rng(seed)
    names = [*VERBS, *INTERRUPTIONS]
    weights = np.array([WEIGHTS.get(name, 3) for name in names], float)
    drawn = random.choice(len(names), length, p=weights / weights.sum())
    return [Step(names[index], int(random.integers(2**31))) for index in drawn]


def play(players: Sequence[Player], steps: Sequence[Step]) -> None:
    """All players do all steps; AssertionError names the first after which they differ."""
    for player in players:
        player.open(player.pictures[0])
    for count, step in enumerate(steps):
        for player in players:
            if step.verb in INTERRUPTIONS:
                player.interrupt(step.verb)
            else:
                player.do(VERBS[step.verb], step.seed)
        told = [fingerprint(player.document) for player in players]
        story = [each.verb for each in steps[: count + 1]][-12:]
        assert len(set(told)) == 1, f"differ after step {count}, {step}: {story}"
    for player in players:
        if not player.history.is_clean:
            assert fingerprint(recover(player.recovery())) == fingerprint(player.document), (
                player.name
            )


def _place(player: Player, random: Random) -> tuple[float, float]:
    size = player.document.size
    return float(random.uniform(0, size.width)), float(random.uniform(0, size.height))


def _rect(player: Player, random: Random) -> Rect:
    size = player.document.size
    x, y = (int(v) for v in _place(player, random))
    return Rect(
        x, y, int(random.integers(1, size.width // 2)), int(random.integers(1, size.height // 2))
    )


def _mode(random: Random) -> CombineMode:
    return list(CombineMode)[int(random.integers(len(CombineMode)))]


def _click(player: Player, random: Random) -> None:
    mode = _mode(random) if random.random() < 0.5 else None
    x, y = _place(player, random)
    player.verbs.click_selector.click(x, y, bool(random.random() < 0.7), mode=mode)


def _box(player: Player, random: Random) -> None:
    player.verbs.click_selector.choose_box(_rect(player, random), mode=_mode(random))


def _rectangle(player: Player, random: Random) -> None:
    player.verbs.mask_editor.rectangle(_rect(player, random), _mode(random))


def _polygon(player: Player, random: Random) -> None:
    points = [_place(player, random) for _ in range(int(random.integers(3, 7)))]
    player.verbs.mask_editor.polygon(points, _mode(random))


def _brush(player: Player, random: Random) -> None:
    editor, brush = player.verbs.mask_editor, Brush(radius_px=float(random.choice([1, 6, 25])))
    x, y = _place(player, random)
    editor.begin_stroke(brush, x, y, pressure=1.0, erase=bool(random.random() < 0.3))
    editor.extend_stroke([(*_place(player, random), 1.0) for _ in range(int(random.integers(5)))])
    player.verbs.mask_editor.select_all()  # a key during a stroke is refused
    (editor.end_stroke if random.random() < 0.8 else editor.cancel_stroke)()


def _wand(player: Player, random: Random) -> None:
    x, y = _place(player, random)
    tolerance = int(random.integers(60))
    player.verbs.mask_editor.wand(x, y, _mode(random), tolerance=tolerance, contiguous=True)


def _adjust(player: Player, random: Random) -> None:
    grow, feather = random.choice([-9, -3, 4, 12]), random.choice([0, 3, 8])
    values = Adjustments(grow_px=int(grow), feather_px=int(feather))
    player.verbs.mask_adjuster.commit(values)


def _remove(player: Player, random: Random) -> None:
    _options(player, random)
    player.verbs.remover.remove()


def _options(player: Player, random: Random) -> RemoveOptions:
    """Settings of the panels, which start anew with each document."""
    grow, feather = int(random.choice([0, 3, 10])), int(random.choice([0, 2, 7]))
    options = RemoveOptions(grow_px=grow, feather_px=feather)
    player.verbs.remover.set_options(options)
    return options


def _paint(player: Player, random: Random) -> None:
    painter = player.verbs.painter
    painter.set_options(_options(player, random))
    painter.set_choices(
        painter.choices.changed(
            prompt=str(random.choice(["a dog", "ein Hund, groß", "x\ny"])),
            seed=int(random.integers(2**31)),
            is_seed_fixed=True,
            variants=int(random.integers(1, 4)),
        )
    )
    (painter.paint if random.random() < 0.7 else painter.remove_then_paint)()


def _variant(player: Player, random: Random) -> None:
    variants = player.verbs.variants
    if not variants.all:
        return
    index = int(random.integers(len(variants.all)))
    match str(random.choice(["apply", "apply", "look", "discard", "again"])):
        case "apply":
            variants.apply(index)
        case "look":
            variants.look_at(index)
        case "discard":
            variants.discard(index)
        case _:
            player.verbs.painter.make_again(variants.all[index])


def _object(player: Player, random: Random) -> None:
    objects = player.verbs.objects
    count = len(objects.named)
    index = int(random.integers(max(1, count)))
    match str(random.choice(["store", "rename", "hide", "move", "delete", "load"])):
        case "rename" if count:
            objects.rename(index, str(random.choice(["a", "№ ☃", "half \ud83d pair"])))
        case "hide" if count:
            objects.set_visible(index, bool(random.integers(2)))
        case "move" if count:
            objects.move(index, int(random.integers(count)))
        case "delete" if count:
            objects.delete(index)
        case "load" if count:
            objects.load(index)
        case _:
            objects.store()


def _find(player: Player, random: Random) -> None:
    player.verbs.finder.find("x")
    player.settle()
    player.verbs.finder.set_threshold(float(random.random()))
    if random.random() < 0.5:
        player.verbs.finder.accept(_mode(random))
    else:
        player.verbs.finder.store()


def _undo(player: Player, random: Random) -> None:
    if len(player.history.labels) > player.floor:
        player.verbs.session.undo()
        player.redoable += 1


def _redo(player: Player, random: Random) -> None:
    if player.redoable:
        player.verbs.session.redo()
        player.redoable -= 1


def _export(player: Player, random: Random) -> None:
    """The file holds the pixels of the document."""
    form = str(random.choice(["png", "tiff"]))
    path = player.folder / f"out.{form}"
    player.verbs.files.export(path, ExportOptions(format=form))
    player.settle()
    written, document = read(path), player.document
    assert np.array_equal(written.pixels, document.native), f"{path} is another picture"
    if document.alpha is None or written.alpha is None:
        assert document.alpha is written.alpha
    else:
        assert np.array_equal(written.alpha, document.alpha)


def _copy_and_paste(player: Player, random: Random) -> None:
    """What is pasted is what was copied; it goes to another window when something is unsaved."""
    before, count = player.document, len(player.displaced)
    image, alpha = clipboard.arrays(clipboard.picture(before))
    assert np.array_equal(image, before.view) or before.alpha is not None
    if not player.verbs.session.is_replaceable:
        player.verbs.files.adopt_pixels(image, alpha)
        assert player.document is before
        assert len(player.displaced) == count + 1


def _second_file(player: Player, random: Random) -> None:
    """An edited document stays; then it is given up for the other file."""
    path = player.pictures[int(random.integers(len(player.pictures)))]
    if not player.verbs.session.is_replaceable:
        before = player.document
        player.verbs.files.open(path)
        player.settle()
        assert player.document is before
    player.open(path)


VERBS: dict[str, Callable[[Player, Random], object]] = {
    "click": _click,
    "box": _box,
    "rectangle": _rectangle,
    "polygon": _polygon,
    "brush": _brush,
    "wand": _wand,
    "adjust": _adjust,
    "select subject": lambda player, _: player.verbs.subject.select(),
    "select all": lambda player, _: player.verbs.mask_editor.select_all(),
    "select none": lambda player, _: player.verbs.mask_editor.select_none(),
    "reselect": lambda player, _: player.verbs.mask_editor.reselect(),
    "another removal": lambda player, _: player.verbs.remover.another(),
    "invert": lambda player, _: player.verbs.mask_editor.invert(),
    "select transparency": lambda player, _: player.verbs.mask_editor.select_transparency(),
    "snap": lambda player, _: player.verbs.mask_adjuster.snap(),
    "soften": lambda player, _: player.verbs.mask_adjuster.soften(),
    "accept": lambda player, _: player.verbs.click_selector.accept(),
    "drop points": lambda player, _: player.verbs.click_selector.drop(),
    "undo last point": lambda player, _: player.verbs.click_selector.undo_last_point(),
    "other candidate": lambda player, _: player.verbs.click_selector.cycle(1),
    "object": _object,
    "find": _find,
    "remove": _remove,
    "paint": _paint,
    "variant": _variant,
    "undo": _undo,
    "redo": _redo,
    "export": _export,
    "copy and paste": _copy_and_paste,
    "second file": _second_file,
}
WEIGHTS = {
    "click": 9,
    "rectangle": 6,
    "brush": 6,
    "remove": 8,
    "paint": 6,
    "variant": 9,
    "undo": 8,
    "redo": 5,
    "object": 6,
    "select all": 1,
    "select transparency": 1,
    "snap": 1,
    "soften": 1,
    "second file": 1,
    "save and open": 5,
    "kill and recover": 5,
}
