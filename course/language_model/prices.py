"""What a call costs, by the price list of `COURSEWRIGHT_MODEL_PRICES`. Dollars per million tokens are, conveniently,
millionths of a dollar per token; amounts are whole millionths, rounded up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from config.settings import Settings
from course.language_model.errors import ModelNotPriced
from course.language_model.messages import Request, Usage

KINDS = ("input", "cache_write_5m", "cache_write_1h", "cache_read", "output")
OVERHEAD_TOKENS = 64  # what the service adds around each part: roles, delimiters, the format's instruction


class PricesInvalid(Exception):
    """The price list cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Price:
    """Millionths of a dollar per token, by kind."""

    input: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    output: Decimal

    def cost(self, usage: Usage) -> int:
        """Millionths of a dollar for these tokens."""
        amounts: list[Decimal] = [getattr(self, kind) * getattr(usage, kind) for kind in KINDS]
        return math.ceil(sum(amounts))


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """One model's price, and the one for a whole request whose prompt has more than `long_above` tokens."""

    normal: Price
    long_above: int | None = None
    long: Price | None = None

    def of(self, prompt_tokens: int) -> Price:
        """The price of a request with so many tokens of input, cached or not."""
        if self.long is not None and self.long_above is not None and prompt_tokens > self.long_above:
            return self.long
        return self.normal


class PriceList:
    """Prices by model, and the day on which somebody compared them with the provider's."""

    def __init__(self, as_of: date, models: Mapping[str, ModelPrice]) -> None:
        self.as_of = as_of
        self._models = dict(models)

    def price_of(self, model: str) -> ModelPrice:
        """Raises `ModelNotPriced` for a model that is not listed."""
        try:
            return self._models[model]
        except KeyError:
            raise ModelNotPriced(model) from None

    def cost(self, model: str, usage: Usage) -> int:
        """What these tokens cost, in millionths of a dollar."""
        return self.price_of(model).of(usage.prompt).cost(usage)

    def worst_case(self, request: Request) -> int:
        """The most that `request` can cost, in millionths of a dollar."""
        prompt = prompt_bound(request)
        price = self.price_of(request.model).of(prompt)
        lifetimes = {part.cache for part in request.parts()} | {request.cache_conversation}
        kinds = ["input", *(f"cache_write_{lifetime}" for lifetime in lifetimes if lifetime)]
        dearest = max(kinds, key=lambda kind: Decimal(getattr(price, kind)))
        return price.cost(Usage(**{dearest: prompt}, output=request.max_tokens))


def prompt_bound(request: Request) -> int:
    """An upper bound of the prompt's tokens: no tokenizer makes more than one token of a byte."""
    parts = request.parts()
    size = sum(len(part.text.encode("utf-8", "replace")) for part in parts)
    size += len(str(dict(request.schema)).encode()) if request.schema is not None else 0
    return size + OVERHEAD_TOKENS * (len(parts) + 1)


def load_prices(file: Path) -> PriceList:
    """Read a price list. Raises `PricesInvalid`."""
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
        as_of = told["as_of"]
        if not isinstance(as_of, date):
            raise PricesInvalid(f"{file}: as_of must be a date, such as 2026-11-22.")
        return PriceList(as_of, {str(name): _model_price(file, name, entry) for name, entry in told["models"].items()})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PricesInvalid(f"{file} cannot be read as a price list ({error.__class__.__name__}).") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PricesInvalid(f"{file} must have as_of and models, each model with its prices.") from error


def priced(settings: Settings) -> PriceList:
    """The price list, which has every configured model. Raises `PricesInvalid` or `ModelNotPriced`."""
    prices = load_prices(settings.model_prices)
    named = (settings.partner_model, settings.grader_model, settings.second_grader_model, settings.third_grader_model)
    for model in filter(None, named):
        prices.price_of(model)
    return prices


def _model_price(file: Path, name: str, entry: Mapping[str, Any]) -> ModelPrice:
    tier = entry.get("long_prompt")
    if tier is None:
        return ModelPrice(_price(file, name, entry))
    return ModelPrice(_price(file, name, entry), int(tier["above"]), _price(file, f"{name}, long_prompt", tier))


def _price(file: Path, name: str, entry: Mapping[str, Any]) -> Price:
    values = {}
    for kind in KINDS:
        value = entry.get(kind)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100_000:
            raise PricesInvalid(f"{file}: {name} needs {kind}, in US dollars per million tokens.")
        values[kind] = Decimal(str(value))
    return Price(**values)
