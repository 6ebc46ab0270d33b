from app.commands.paint import requests
from engine.jobs.paint_settings import MAX_SEED, PaintSettings
from engine.jobs.requests import InpaintRequest


def test_variants_have_seeds_one_after_the_other_and_begin_again_after_the_last() -> None:
    def seeds(first: int, count: int) -> list[int]:
        request = InpaintRequest(holes=(), settings=PaintSettings(), seed=first)
        return [each.seed for each in requests(request, count)]

    assert seeds(7, 3) == [7, 8, 9]
    assert seeds(MAX_SEED, 2) == [MAX_SEED, 0]
