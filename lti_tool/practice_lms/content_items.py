"""From the items of a tool's answer to activities of a course, as the personality takes them (Deep Linking §3.5)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lti_tool.practice_lms.activities import ActivitySpec, LineItemSpec
from lti_tool.practice_lms.deep_linking import AnswerRefused
from lti_tool.practice_lms.line_items import is_number
from lti_tool.practice_lms.settings import Settings

LONGEST_TITLE = 255


@dataclass(frozen=True, slots=True)
class Offered:
    """One activity to be, with what is kept of its dates."""

    spec: ActivitySpec
    published: bool
    dates: dict[str, Any]


def read_items(settings: Settings, items: list[dict[str, Any]]) -> list[Offered]:
    """What becomes of the items. One whose column has an impossible maximum is left out in silence, as Moodle does;
    what would break Moodle, or leads elsewhere than to the tool, raises AnswerRefused."""
    offered = (_offered(settings, item) for item in items)
    return [one for one in offered if one is not None]


def _offered(settings: Settings, item: dict[str, Any]) -> Offered | None:
    personality = settings.personality
    url = item.get("url", settings.redirect_uri)
    if not isinstance(url, str) or urlsplit(url)[:2] != urlsplit(settings.tool_url)[:2]:
        raise AnswerRefused(f"The url {url!r} does not match the tool.")
    title, custom = item.get("title"), item.get("custom") or {}
    if not isinstance(title, str) or not title.strip() or len(title) > LONGEST_TITLE:
        raise AnswerRefused(f"An item must have a title of at most {LONGEST_TITLE} characters.")
    if not isinstance(custom, dict) or not all(isinstance(one, str) and "\n" not in one for one in custom.values()):
        raise AnswerRefused("custom must hold text without line ends and nothing else.")
    column = item.get("lineItem")
    label = ""
    if column is not None:
        if not isinstance(column, dict) or not is_number(column.get("scoreMaximum")):
            raise AnswerRefused("lineItem must be an object with a scoreMaximum.")
        if not personality.takes_maximum(column["scoreMaximum"]):
            return None
        label = str(column.get("label") or "")[:LONGEST_TITLE]
    spec = ActivitySpec(
        id=_id_of(url),
        title=personality.title(title, label),
        url=url,
        custom=custom,
        line_item=None if column is None else _line_item(settings, column, title, label),
    )
    return Offered(spec, published=column is None or not personality.makes_unpublished, dates=personality.dates(item))


def _line_item(settings: Settings, column: dict[str, Any], title: str, label: str) -> LineItemSpec:
    return LineItemSpec(
        label=settings.personality.column_label(title, label) or title,
        score_maximum=float(column["scoreMaximum"]),
        resource_id=str(column.get("resourceId") or ""),
        tag=str(column.get("tag") or ""),
    )


def _id_of(url: str) -> str:
    """A part of the address that may stand in ours."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return "".join(one for one in last if one.isalnum() or one in "-_")[:60] or "activity"
