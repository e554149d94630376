"""What a platform asks for when an instructor is to choose activities (Deep Linking 2.0 §4.4.1)."""

from dataclasses import asdict, dataclass
from typing import Any

from config.words import N_
from lti_tool import claims
from lti_tool.addresses import origin_of, split_web_address
from lti_tool.causes import Cause
from lti_tool.claims import Claims
from lti_tool.errors import LaunchRefused

RESOURCE_LINK = "ltiResourceLink"
MAX_RETURN_URL = 8000  # characters; Canvas's carries a signed message of its own in its query
MAX_PLACEMENT = 64  # characters
MAX_WORDS = 20  # of a list that names a handful of things


@dataclass(frozen=True, slots=True)
class SelectionRequest:
    """Where the choice is sent (an absolute http(s) address), and what is taken there.

    `data` goes back as it came, None if there was none. `placement` is Canvas's name for the menu it was opened from,
    '' elsewhere. `targets` are how an activity may be shown (`iframe`, `window` …); empty: nothing was said.
    """

    return_url: str
    accept_types: tuple[str, ...] = (RESOURCE_LINK,)
    targets: tuple[str, ...] = ()
    accept_multiple: bool = True
    accept_lineitem: bool = True
    data: Any = None
    placement: str = ""

    def as_json(self) -> dict[str, Any]:
        """The request as JSON may keep it; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "SelectionRequest":
        """What `as_json` gave."""
        return cls(**{**kept, "accept_types": tuple(kept["accept_types"]), "targets": tuple(kept["targets"])})


def read_selection_request(payload: Claims) -> SelectionRequest:
    """The request in a `LtiDeepLinkingRequest`. Raises SELECTION_RETURN if there is no usable address to answer to.

    All else is read tolerantly, because what is missing or odd there costs nobody a grade: an absent `accept_lineitem`
    is no refusal (neither Moodle nor Canvas sends it and both make columns), an absent `accept_multiple` takes several.
    """
    settings = payload.get(claims.DEEP_LINKING_SETTINGS)
    if not isinstance(settings, dict):
        settings = {}
    return_url = settings.get("deep_link_return_url")
    # The page that answers may send its form to a named origin only (CSP): one without a name cannot be answered.
    if not split_web_address(return_url, longest=MAX_RETURN_URL) or origin_of(str(return_url)) is None:
        shown = "nothing" if return_url in (None, "") else return_url
        raise LaunchRefused(Cause.SELECTION_RETURN, details=((N_("return address"), shown),))
    placement = payload.get(claims.CANVAS_PLACEMENT)
    return SelectionRequest(
        return_url=str(return_url),
        accept_types=_words(settings.get("accept_types")) or (RESOURCE_LINK,),
        targets=_words(settings.get("accept_presentation_document_targets")),
        accept_multiple=not _is_no(settings.get("accept_multiple")),
        accept_lineitem=not _is_no(settings.get("accept_lineitem")),
        data=settings.get("data"),
        placement=placement if isinstance(placement, str) and len(placement) <= MAX_PLACEMENT else "",
    )


def _words(value: object) -> tuple[str, ...]:
    """The words of a list, or of text with commas as older platforms send it."""
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    words = (one.strip() for one in listed[:MAX_WORDS] if isinstance(one, str) and claims.is_storable(one))
    return tuple(word for word in words if word)


def _is_no(value: object) -> bool:
    """Whether a platform says no; some write their booleans as text or as numbers."""
    return value is not None and str(value).strip().lower() in {"false", "0"}
