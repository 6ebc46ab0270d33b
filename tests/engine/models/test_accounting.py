import pytest

from engine.models.accounting import account, is_harmless, listed

USED = {"a.down", "a.up", "b.down", "b.up"}


def test_every_name_is_in_one_of_three_places():
    found = account(["a.down", "logvar", "b.norm"], USED.__contains__)
    assert found.used == {"a.down"}
    assert found.harmless == {"logvar"}
    assert found.unknown == ("b.norm",)


def test_shares_are_of_all_tensors_and_of_all_modules():
    names = [*USED, "b.bias", "c.w1", "c.w2", "betas"]
    found = account(names, USED.__contains__)
    assert found.tensor_share == pytest.approx(4 / 7)
    assert found.module_share(lambda name: name.partition(".")[0]) == pytest.approx(1 / 3)
    assert account([], USED.__contains__).tensor_share == 1.0


def test_a_reader_may_know_more_to_be_harmless():
    found = account(["x.y"], USED.__contains__, lambda name: name == "x.y")
    assert not found.unknown


@pytest.mark.parametrize(
    "name",
    ["model_ema.decay", "model_ema.diffusion_modelx", "betas", "denoiser.sigmas",
     "cond_stage_model.transformer.text_model.embeddings.position_ids",
     "text_encoders.t5xxl.logit_scale", "model.diffusion_model.out.2.scale_input"],
)  # fmt: skip
def test_what_training_leaves_is_harmless(name: str):
    assert is_harmless(name)


@pytest.mark.parametrize(
    "name", ["v_pred", "x.scale_weight", "x.weight_scale", "edm_mean", "betas2"]
)
def test_what_changes_results_is_not(name: str):
    assert not is_harmless(name)


def test_names_are_listed_in_part():
    assert listed("abc") == "a, b, c"
    assert listed("abcdefg") == "a, b, c, d and 3 more"
