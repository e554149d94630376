"""Line items on a platform (AGS §3.2): found, made, changed and taken back. No transaction is open during a call."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lti_tool.ags import Connector, ServiceFailed
from lti_tool.service_pages import pages

SCOPE_LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
CONTAINER_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"  # Moodle takes exactly this one
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"


@dataclass(frozen=True, slots=True)
class Column:
    """A line item as the platform gives it; `resource_link_id` is '' where it belongs to no link."""

    url: str
    resource_id: str
    tag: str
    resource_link_id: str


def find_columns(connector: Connector, container_url: str, **filters: str) -> list[Column]:
    """The columns in a container that match every filter (`resource_id`, `tag`, `resource_link_id`), in its order.

    Not every platform filters, so we do it again. No `limit` is sent: Moodle's next pages are then never needed.
    Raises `ServiceFailed`.
    """
    found: dict[str, Column] = {}
    for page in pages(connector, with_query(container_url, filters), SCOPE_LINE_ITEM, CONTAINER_TYPE):
        if not isinstance(page, list):
            raise ServiceFailed("line_items_unreadable", retryable=False)
        for one in page:
            column = _column(one)
            if column and all(getattr(column, name) == value for name, value in filters.items()):
                found[column.url] = column
    return list(found.values())


def make_column(connector: Connector, container_url: str, wanted: Mapping[str, Any]) -> str:
    """Make a column; its address. `wanted` names no link: with one, Moodle stops telling launches of the column that
    the link has already. Raises `ServiceFailed`."""
    headers = {"Content-Type": LINE_ITEM_TYPE, "Accept": LINE_ITEM_TYPE}
    response = connector.call("POST", container_url, SCOPE_LINE_ITEM, headers, json.dumps(dict(wanted)))
    column = _column(_json(response))
    if column is None:
        raise ServiceFailed("line_item_unreadable", retryable=True)
    return column.url


def change_column(connector: Connector, url: str, changes: Mapping[str, Any]) -> None:
    """Change some members of a column and leave the rest as it is: a PUT replaces the whole (AGS §3.2.6), and what it
    leaves out, Moodle empties. Raises `ServiceFailed`."""
    held = _json(connector.call("GET", url, SCOPE_LINE_ITEM, {"Accept": LINE_ITEM_TYPE}))
    if not isinstance(held, dict):
        raise ServiceFailed("line_item_unreadable", retryable=False)
    headers = {"Content-Type": LINE_ITEM_TYPE, "Accept": LINE_ITEM_TYPE}
    connector.call("PUT", url, SCOPE_LINE_ITEM, headers, json.dumps({**held, **changes}))


def remove_column(connector: Connector, url: str) -> None:
    """Take back a column that nobody knows of yet. Raises `ServiceFailed`."""
    connector.call("DELETE", url, SCOPE_LINE_ITEM, {})


def choose_column(
    columns: Collection[Column], wanted: Mapping[str, Any], *, taken: Collection[str], link_id: str | None
) -> Column | None:
    """The one of `columns` that is the wanted one. `taken`: addresses that hold other grades of ours. `link_id`: the
    platform's link that the grades are earned at; None for one that opens the whole course.

    A column of another link is that link's: the same item placed twice has two columns.
    """
    free = [one for one in columns if one.url not in taken]
    same = [one for one in free if one.resource_id == wanted["resourceId"] and one.tag in {"", wanted["tag"]}]
    if link_id is None:
        return next(iter(same), None)
    of_the_link = [one for one in free if one.resource_link_id == link_id]
    both = [one for one in of_the_link if one in same]
    unbound = [one for one in same if not one.resource_link_id]
    return next(iter([*both, *of_the_link, *unbound]), None)


def with_query(url: str, more: Mapping[str, str]) -> str:
    """The address with more in its query, what it had kept."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])))


def _column(value: Any) -> Column | None:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return None
    resource_id, tag, link = (str(value.get(name) or "") for name in ("resourceId", "tag", "resourceLinkId"))
    return Column(value["id"], resource_id, tag, link)


def _json(response: Any) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError) as error:
        raise ServiceFailed("line_item_unreadable", retryable=True) from error
