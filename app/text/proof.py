"""The sentence on a written file: what was measured on it outside the ring."""

from app.i18n import translate
from engine.image_io.proof import Proof


def proof_sentence(name: str, proof: Proof | None) -> str:
    """What the comparison of the file called `name` with its source found; none: it failed."""
    if proof is None:
        return translate("Proof", "{name} could not be read again to check it.").format(name=name)
    if proof.is_exact:
        return translate("Proof", "0 px changed outside the ring in {name}.").format(name=name)
    if proof.block_px and not proof.beyond_px:
        return _of_blocks(name, proof)
    return translate(
        "Proof", "{name} is compressed anew by its format: up to {levels} levels outside the ring."
    ).format(name=name, levels=proof.outside_levels)


def _of_blocks(name: str, proof: Proof) -> str:
    return translate(
        "Proof",
        "0 px changed in {name} outside the {side} px blocks that the ring touches;"
        " within these blocks {count} px outside the ring by up to {levels} levels.",
    ).format(name=name, side=proof.block_px, count=proof.outside_px, levels=proof.outside_levels)
