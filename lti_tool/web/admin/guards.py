"""The console's doors: `admin_page` reads, `admin_action` writes; `lti_tool.web.guards.public` is for signing in alone.

A learner's or instructor's cookie opens nothing here, and an admin's nothing elsewhere: each has its own name, table
and guard.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import g, redirect, request, url_for
from sqlalchemy.orm import Session

from lti_tool.admin import audit, sessions
from lti_tool.admin.sessions import SignedIn
from lti_tool.web.admin import cookies
from lti_tool.web.admin.frame import Who
from lti_tool.web.current import services
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.guards import View


@dataclass(slots=True)
class AdminVisit:
    """A guarded request of the console: who is here, and the transaction to work in."""

    session: Session
    admin: SignedIn
    csrf_token: str
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def note(self, action: str, subject: str, **detail: Any) -> None:
        """Write into the audit log that this admin did it, in this request's transaction."""
        audit.note(self.session, self.admin.name, action, subject, **detail)


def admin_page(view: View) -> View:
    """A page for admins. Reads only; whoever is not signed in is asked to, and led back."""

    @functools.wraps(view)
    def guarded(**rest: Any) -> Any:
        with services().database.reading() as session:
            visit = _admit(session)
            if visit is None:
                return redirect(url_for("admin_sign_in.show", then=_this_page()), code=303)
            answer = view(visit, **rest)
        if visit.admin.mark_is_due:
            with services().database.transaction() as session:
                sessions.mark_seen(session, visit.admin.session_hash)
        return answer

    guarded.guard = "admin_page"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def admin_action(view: View) -> View:
    """A form of one of the console's own pages. Writes, in one transaction."""

    @functools.wraps(view)
    def guarded(**rest: Any) -> Any:
        with services().database.transaction() as session:
            visit = _admit(session)
            if visit is None:
                raise PageRefused("admin_signed_out")
            sent = request.form.get("csrf_token", "")
            if not hmac.compare_digest(sent.encode("utf-8", "replace"), visit.csrf_token.encode()):
                raise PageRefused("admin_foreign_form")
            sessions.mark_seen(session, visit.admin.session_hash)
            answer = view(visit, **rest)
        for effect in visit.after_commit:
            effect()
        return answer

    guarded.guard = "admin_action"  # type: ignore[attr-defined]  # read by the rule test
    return guarded


def _admit(session: Session) -> AdminVisit | None:
    token = cookies.session_token(request)
    admin = sessions.find(session, token) if token else None
    if admin is None:
        return None
    csrf_token = _csrf_token(admin.session_hash)
    g.admin = Who(admin.name, csrf_token)
    return AdminVisit(session, admin, csrf_token)


def _csrf_token(session_hash: str) -> str:
    message = f"admin csrf|{session_hash}".encode()
    return hmac.new(services().settings.secret_key.encode(), message, hashlib.sha256).hexdigest()


def _this_page() -> str:
    return request.full_path.rstrip("?")
