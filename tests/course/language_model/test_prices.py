"""Costs by kind of token, a worst case that no call exceeds, and price lists that are refused with a reason."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import MODEL_PRICES
from course.language_model.errors import ModelNotPriced
from course.language_model.messages import Message, Part, Usage
from course.language_model.prices import ModelPrice, Price, PriceList, PricesInvalid, load_prices, prompt_bound
from tests.course.language_model.makers import CHEAP, DEAR, request

LIST = load_prices(MODEL_PRICES)


def test_each_kind_of_token_has_its_price() -> None:
    usage = Usage(input=1000, cache_write_5m=2000, cache_write_1h=3000, cache_read=4000, output=500, thinking=400)
    assert LIST.cost(DEAR, usage) == 2000 + 2000 * 2.5 + 3000 * 4 + 4000 * 0.2 + 500 * 10  # thinking is in the output


def test_parts_of_a_millionth_are_rounded_up() -> None:
    assert LIST.cost(CHEAP, Usage(input=1)) == 1
    assert LIST.cost(CHEAP, Usage(input=11)) == 2
    assert LIST.cost(CHEAP, Usage()) == 0


def test_a_long_prompt_is_dearer_as_a_whole() -> None:
    just, over = Usage(input=1, cache_read=99_999), Usage(input=2, cache_read=99_999)
    assert LIST.cost(CHEAP, just) == 1001
    assert LIST.cost(CHEAP, over) == 5001


def test_a_model_that_is_not_listed_is_refused_in_words() -> None:
    with pytest.raises(ModelNotPriced, match=r"claude-nobody.*COURSEWRIGHT_MODEL_PRICES"):
        LIST.cost("claude-nobody", Usage())


@given(
    parts=st.lists(
        st.builds(Part, text=st.text(max_size=40), cache=st.sampled_from([None, "5m", "1h"])), min_size=1, max_size=4
    ),
    shares=st.tuples(*[st.floats(0, 1) for _ in range(4)]),
    output=st.integers(0, 500),
    prices=st.lists(st.integers(0, 50), min_size=5, max_size=5),
    long_above=st.integers(0, 300) | st.none(),
)
def test_no_call_costs_more_than_its_worst_case(
    parts: list[Part],
    shares: tuple[float, ...],
    output: int,
    prices: list[int],
    long_above: int | None,
) -> None:
    dear = Price(*(Decimal(price) for price in prices))
    normal = Price(*(Decimal(price) / 2 for price in prices))
    # As everywhere: reading from the cache is never dearer than fresh input, nor a short prompt than a long one.
    normal, dear = (
        Price(one.input, one.cache_write_5m, one.cache_write_1h, min(one.cache_read, one.input), one.output)
        for one in (normal, dear)
    )
    listed = PriceList(date(2026, 11, 22), {CHEAP: ModelPrice(normal, long_above, dear if long_above else None)})
    asked = request(system=(), messages=(Message("user", tuple(parts)),), max_tokens=500)
    left = sum(len(part.text.encode()) for part in parts)  # as dear as text gets: a token a byte
    lifetimes = {part.cache for part in parts}
    used = []
    for kind, share in zip(("cache_read", "cache_write_5m", "cache_write_1h", "input"), shares, strict=True):
        written = kind.removeprefix("cache_write_")
        count = 0 if written != kind and written not in lifetimes else int(left * share)
        used.append((kind, count))
        left -= count
    usage = Usage(**dict(used), output=output)
    assert usage.prompt <= prompt_bound(asked)
    assert listed.cost(CHEAP, usage) <= listed.worst_case(asked)


GOOD = "as_of: 2026-11-22\nmodels:\n  m: {input: 1, output: 2, cache_write_5m: 1, cache_write_1h: 2, cache_read: 0}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "{",
        GOOD.replace("2026-11-22", "lately"),
        GOOD.replace("output: 2, ", ""),
        GOOD.replace("input: 1", "input: free"),
        GOOD.replace("input: 1", "input: -1"),
        GOOD.replace("input: 1", "input: true"),
        GOOD.replace("input: 1", "long_prompt: {input: 1}, input: 1"),
        "as_of: 2026-11-22\nmodels: [m]\n",
    ],
)
def test_a_price_list_that_cannot_be_used_is_refused_with_its_file(text: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PricesInvalid, match=r"prices\.yaml"):
        load_prices(file)
    file.write_text(GOOD, encoding="utf-8")
    assert load_prices(file).cost("m", Usage(input=3, output=2)) == 7


def test_a_price_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PricesInvalid, match="nowhere"):
        load_prices(tmp_path / "nowhere.yaml")
