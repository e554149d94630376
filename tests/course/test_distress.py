"""Words of distress are told from words about models that die, kill and overfit."""

import pytest

from course.distress import needs_support


@pytest.mark.parametrize(
    "text",
    [
        "honestly I want to die",
        "I’m going to kill myself",
        "sometimes i think about hurting myself and i cant focus on this",
        "I don't want to live",
        "my father is hitting me and i cannot do this now",
        "I can't go on like this",
    ],
)
def test_words_about_oneself_are_heard(text: str) -> None:
    assert needs_support(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The gradient dies in the third layer, so I want to kill the run.",
        "I would cut the learning rate; the loss kills variety.",
        "Dead neurons want to die out, that is normal.",
        "This lab is killing me, I can't take the 91% seriously.",
        "If I end it all at epoch 12 the curve still rises.",
        "The startup will not live without newcomers.",
    ],
)
def test_words_about_models_are_not(text: str) -> None:
    assert not needs_support(text)
