"""Numbers of rows in addresses: what no database could hold leads to no row, and never into a query."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

from config.database import GREATEST_ID


class RowNumber(IntegerConverter):
    """A path's `<int:…>`, from 0 to `GREATEST_ID`."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": GREATEST_ID, **options})


def row_number(typed: str) -> int:
    """A query's number, from 0 to `GREATEST_ID`. Raises `ValueError`."""
    number = int(typed)
    if not 0 <= number <= GREATEST_ID:
        raise ValueError(typed)
    return number
