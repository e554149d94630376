"""The door of the pages on which activities are chosen: whoever holds the address of a choice, in its own browser."""

import functools
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from lti_tool.addresses import origin_of
from lti_tool.deep_linking.offers import Offer, offer_of
from lti_tool.deep_linking.requests import SelectionRequest
from lti_tool.deep_linking.selections import find_selection
from lti_tool.models import Registration, Selection
from lti_tool.permission import ACTIVE
from lti_tool.platforms import Platform, platform_of
from lti_tool.web import cookies
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import View
from lti_tool.web.i18n import prefer
from lti_tool.web.security_headers import allow_frames


@dataclass(slots=True)
class Choosing:
    """A guarded request: the choice, what it may hold, for which platform, and the transaction to work in."""

    session: Session
    selection: Selection
    key: str
    request: SelectionRequest
    registration: Registration
    platform: Platform
    offer: Offer
    csrf_token: str


def choosing_page(view: View) -> View:
    """A page for whoever holds the address of a choice. Reads only."""

    @functools.wraps(view)
    def guarded(key: str, **rest: Any) -> Any:
        with services().database.reading() as session:
            return view(_admit(session, key), **rest)

    guarded.guard = "choosing_page"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def choosing_action(view: View) -> View:
    """The form of such a page. Writes."""

    @functools.wraps(view)
    def guarded(key: str, **rest: Any) -> Any:
        with services().database.transaction() as session:
            choosing = _admit(session, key)
            sent = request.form.get("csrf_token", "")
            if not hmac.compare_digest(sent.encode("utf-8", "replace"), choosing.csrf_token.encode()):
                raise PageRefused("foreign_form")
            return view(choosing, **rest)

    guarded.guard = "choosing_action"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def _admit(session: Session, key: str) -> Choosing:
    selection = find_selection(session, key, cookies.selection_binding(request, key))
    if selection is None:
        raise PageRefused("no_choice")
    prefer(launch=selection.locale, course=services().catalog.default.language)
    asked = SelectionRequest.from_json(selection.request)
    registration = session.get_one(Registration, selection.context.deployment.registration_id)
    platform = platform_of(registration.product_family)
    allow_frames(registration, asked.return_url, selection.return_url)
    if {registration.state, selection.context.deployment.state} != {ACTIVE}:
        raise PageRefused("switched_off")
    g.form_targets = sorted({origin for origin in [origin_of(asked.return_url)] if origin})
    return Choosing(
        session=session,
        selection=selection,
        key=key,
        request=asked,
        registration=registration,
        platform=platform,
        offer=offer_of(asked, platform),
        csrf_token=_csrf_token(key),
    )


def _csrf_token(key: str) -> str:
    return hmac.new(services().settings.secret_key.encode(), f"csrf|{key}".encode(), hashlib.sha256).hexdigest()
