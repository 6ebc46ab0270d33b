"""Texts of the Paint panel: models grouped by family, ways to start, problems of models."""

from app.i18n import translate
from app.text.engines import title_of
from app.text.errors.models import NOT_USED, family_name
from engine.jobs.paint_settings import StartFrom
from engine.models.families import Family, Kind
from engine.models.model_file import Installed, ModelFile
from widgets.fields.grouped_choice import Option


def start_words() -> dict[StartFrom, str]:
    return {
        StartFrom.ORIGINAL: translate("Paint", "What is there"),
        StartFrom.BLUR: translate("Paint", "The surroundings, blurred"),
        StartFrom.REMOVED: translate("Paint", "What removing leaves"),
        StartFrom.NOISE: translate("Paint", "Nothing, noise"),
    }


def problem_words(code: str) -> str:
    """The reason why an installed model cannot be used, in two or three words."""
    if code in NOT_USED:
        return NOT_USED[code]
    return {
        "": "",
        "pickle": translate("Paint", "not safe"),
        "unsafe": translate("Paint", "not safe"),
        "partial": translate("Paint", "not complete"),
        "old": translate("Paint", "not safe"),
        "keys": translate("Paint", "parts are missing"),
        "access": translate("Paint", "may not be read"),
        "missing": translate("Paint", "no longer there"),
    }.get(code, translate("Paint", "cannot be used"))


def checkpoint_groups(
    installed: Installed, best: ModelFile | None
) -> list[tuple[str, list[Option]]]:
    """(heading, options): the automatic choice, base models by family, then unusable ones."""
    auto = translate("Paint", "Best at hand")
    if best is not None:
        auto = translate("Paint", "Best at hand: {model}").replace("{model}", placed(best))
    groups: list[tuple[str, list[Option]]] = [("", [Option(key="", text=auto)])]
    for family in Family:
        found = [_option(m) for m in installed.of(Kind.CHECKPOINT) if m.family is family]
        if found:
            groups.append((family_name(family.value), found))
    broken = [m for m in installed.models if m.kind is Kind.CHECKPOINT and m.problem]
    if broken:
        groups.append((translate("Paint", "Cannot be used"), [_option(m) for m in broken]))
    return groups


def placed(model: ModelFile) -> str:
    """The title of a model, with a mark if it is on a server."""
    if not model.place:
        return title_of(model)
    return translate("Paint", "{model} (server)").replace("{model}", title_of(model))


def lora_warning(lora: ModelFile | None, family: Family | None) -> str:
    """The reason why a LoRA does not fit a base model; "" when it may fit."""
    if lora is None:
        return translate("Paint", "It is not at hand: without it nothing can be painted.")
    if lora.family is None or family is None or lora.family.base == family.base:
        return ""
    text = translate("Paint", "Made for {found}, and the base model is {wanted}.")
    return text.format(found=family_name(lora.family.base), wanted=family_name(family.base))


def fits(lora: ModelFile, family: Family | None) -> bool:
    return not lora_warning(lora, family)


def _option(model: ModelFile) -> Option:
    tip = f"{model.name}, {model.precision}" if model.precision else model.name
    return Option(key=model.name, text=placed(model), tip=tip, problem=problem_words(model.problem))
