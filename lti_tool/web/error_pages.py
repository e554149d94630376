"""Every error as one page (or one JSON shape), with what happened, what is safe, and what to do next."""

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Request, jsonify, make_response, render_template, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from config.database import is_away
from config.logs import request_reference
from course.refusals import AttemptClosed, AttemptOver, Refusal, RoleChanged, TakenOver
from lti_tool.errors import LaunchRefused, Told
from lti_tool.launch_events import COMMAND
from lti_tool.registering.failures import RegistrationFailed
from lti_tool.web.admin.error_words import CONSOLE_WORDS
from lti_tool.web.admin.frame import ConsoleFrame, frame, is_console
from lti_tool.web.entries import is_entry, note_platform, note_refused
from lti_tool.web.i18n import LazyString, gettext, told
from lti_tool.web.i18n import lazy_gettext as _
from lti_tool.web.pages import MessagePage, NewWindowPage
from lti_tool.web.rate_limits import RETRY_SECONDS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Words:
    status: int
    title: LazyString
    text: LazyString | str
    what_to_do: LazyString


_REFUSED = {
    "no_seat": _Words(
        403,
        _("Open this from your course again"),
        _("This browser has no open visit here: visits end after a day, and each browser needs its own."),
        _("Go back to your course and open the activity again. Everything you have done is kept."),
    ),
    "no_choice": _Words(
        403,
        _("Open this from your course again"),
        _("A choice of activities is open for two hours, in the browser that began it."),
        _("Go back to your course and begin to add activities again. Nothing has changed there."),
    ),
    "switched_off": _Words(
        403,
        _("The tool is switched off here"),
        _("Whoever looks after this tool has switched it off for your learning platform, most likely for a while."),
        _(
            "Nothing is lost: what was saved is kept, and grades that are not in the gradebook yet are sent when it is "
            "switched on again. Keep this page open if it holds an answer that is not saved, and try again later."
        ),
    ),
    "foreign_form": _Words(
        403,
        _("This form has expired"),
        _("The page was opened in an earlier visit, so its form is no longer taken. Nothing has changed."),
        _("Reload the page and try again. If that does not help, open the activity again from your course."),
    ),
    "no_such_item": _Words(
        404,
        _("This page is not part of the course"),
        _("The link names a part that the course does not have (any more)."),
        _("Go back to your course. If the link is in your course, tell your instructor that it needs mending."),
    ),
    "link_leads_nowhere": _Words(
        404,
        _("This link leads to something that is not here"),
        _("The activity names a part of the course that this tool does not have."),
        _("Tell your instructor that the link needs mending. Everything you have done is kept."),
    ),
    "link_leads_nowhere_instructor": _Words(
        404,
        _("This link leads to something that is not here"),
        _("The activity's address or its custom parameters name a course or item that this tool does not have."),
        _(
            "Edit the activity in your course: set its custom parameter item to one of the ids below, or leave it out "
            "to open the whole course."
        ),
    ),
    "no_such_attempt": _Words(
        404,
        _("No such attempt"),
        _("The address names an attempt that is not yours or does not exist."),
        _("Open the activity again from your course."),
    ),
    "not_your_work": _Words(
        403,
        _("This is somebody else’s work"),
        _("Your learning platform asked for the work of another person, and says that you are not their instructor."),
        _("Open your own results from the grades of your course."),
    ),
    "not_your_data": _Words(
        403,
        _("This is about somebody else"),
        _("What is stored about a person is shown to that person and to administrators of the learning platform."),
        _("Your own stands at “Your data”, at the end of every page of your course."),
    ),
    "not_for_students": _Words(
        403,
        _("This page is for instructors"),
        _("Here instructors look at work that waits for a person. Your own results are on the pages of your course."),
        _("Go back to your course. Everything you have done is kept."),
    ),
    "link_is_instructors": _Words(
        403,
        _("This page is for instructors"),
        _("Here an instructor says what a link of the course opens."),
        _("Go back to your course. Everything you have done is kept."),
    ),
    "no_such_language": _Words(
        422,
        _("This language is not to be had here"),
        _("The pages are written in the languages that the list at their end shows. Nothing has changed."),
        _("Go back to the page, reload it and choose again."),
    ),
    "admin_signed_out": _Words(
        403,
        _("Sign in first"),
        _("You are not signed in here any more, so the form was not taken. Nothing has changed."),
        _("Sign in, then do it again."),
    ),
    "admin_foreign_form": _Words(
        403,
        _("This form has expired"),
        _("The page was opened before you last signed in, so its form is no longer taken. Nothing has changed."),
        _("Go back, reload the page and try again."),
    ),
    "admin_foreign_sign_in": _Words(
        403,
        _("Sign in at the console’s own address"),
        _("The form did not come from a page of this tool’s own address, so it was not looked at."),
        _("Open the address below and sign in there."),
    ),
    "admin_own_account": _Words(
        422,
        _("This is your own account"),
        _("Nobody disables their own account here, so that the console is not shut from within. Nothing has changed."),
        _("Another admin can do it here, or somebody with the command: coursewright admin disable NAME."),
    ),
    "hand_over_spent": _Words(
        410,
        _("This way in has been used"),
        _("A new window can be opened once, within ten minutes."),
        _("Go back to your course and open the activity again."),
    ),
}

_HTTP = {
    400: _Words(
        400,
        _("This request cannot be read"),
        _("The browser sent something we do not take."),
        _("Go back and try again."),
    ),
    404: _Words(
        404,
        _("There is nothing here"),
        _("The address is not one of ours."),
        _("Open the activity from your course again."),
    ),
    405: _Words(
        405,
        _("Not this way"),
        _("The address does not take this kind of request."),
        _("Open the activity from your course."),
    ),
    413: _Words(
        413,
        _("That is too long"),
        _("What was sent is larger than we take. Nothing has changed."),
        _("Shorten it, try again."),
    ),
    429: _Words(
        429,
        _("Too many tries at once"),
        _("More came within a minute, from this browser, its network or this platform, than a whole class would send."),
        _("Wait a minute, then try again. What was saved before is kept."),
    ),
}
_FAILED = _Words(
    500,
    _("Something broke on our side"),
    _("The fault is ours. What you had saved is safe."),
    _("Try again in a minute. If it happens again, pass on the reference below."),
)
_DATABASE_AWAY = _Words(
    503,
    _("Coursewright cannot reach its database"),
    _("Nothing that was saved is lost. What you have just sent may not have been saved."),
    _("Try again in a moment. If it happens again, pass on the reference below."),
)
_RETRY_SECONDS = 5
_STANDING = _("Go back to the page and reload it to see where it stands.")


@dataclass(frozen=True, slots=True)
class ConsoleMessage:
    """template admin/message.html: a message in the form of the admin console."""

    frame: ConsoleFrame
    message: MessagePage


class PageRefused(Exception):
    """A request is refused; `cause` names the words for it above, `details` are for the admin who is asked, their
    names in the reader's language."""

    def __init__(self, cause: str, details: tuple[tuple[str, str], ...] = ()) -> None:
        self.cause = cause
        self.details = details
        super().__init__(cause)


def words_of(cause: str) -> Told | None:
    """What the page of a `PageRefused` says; None for a cause that none has."""
    words = _REFUSED.get(cause)
    return Told(str(words.title), str(words.text), str(words.what_to_do)) if words else None


def register(app: Flask) -> None:
    """Answer every exception of the application with our page."""
    app.register_error_handler(PageRefused, _page_refused)
    app.register_error_handler(Refusal, refusal_answer)
    app.register_error_handler(LaunchRefused, launch_refused)
    app.register_error_handler(HTTPException, _http_error)
    for broken in (NoMoreData, ParseException):  # as the server finds it while the body is read
        app.register_error_handler(broken, _body_broken)
    app.register_error_handler(Exception, _failed)


def begin_request() -> None:
    """Give the request a reference: it stands on its error page, if there is one, and on all its log lines."""
    request_reference.set(secrets.token_hex(5))


def launch_refused(refused: LaunchRefused, new_window: NewWindowPage | None = None) -> Response:
    """A launch that was not valid: the cause in words an admin can act on, and a reference into the log."""
    if refused.registration_id is not None:
        note_platform(refused.registration_id)
    typed = ((COMMAND, refused.command),) if refused.command else ()
    note_refused(str(refused.cause), refused.status, (*refused.details, *typed))
    told = refused.told(gettext)
    page = MessagePage(
        title=new_window.title if new_window else told.title,
        text=new_window.text if new_window else told.message,
        what_to_do="" if new_window else told.what_to_do,
        reference=request_reference.get(),
        details=tuple((gettext(name), value) for name, value in refused.details),
        new_window=new_window,
    )
    return _answer(page, refused.status, str(refused.cause))


def registration_failed(failed: RegistrationFailed) -> Response:
    """An LMS that could not be registered: what happened to both sides, and what its admin does next."""
    told = failed.told(gettext)
    details = tuple((gettext(name), value) for name, value in failed.details)
    page = MessagePage(told.title, told.message, told.what_to_do, request_reference.get(), details)
    return _answer(page, failed.status, str(failed.cause))


def _page_refused(refused: PageRefused) -> Response:
    if is_entry():
        note_refused(refused.cause, _REFUSED[refused.cause].status)
    return _answer_words(_REFUSED[refused.cause], refused.cause, details=refused.details)


def refusal_answer(refused: Refusal) -> Response:
    """What a learner is told whose move was refused; `code` in the JSON is the refusal\'s name."""
    status = 409 if isinstance(refused, AttemptClosed | AttemptOver | TakenOver | RoleChanged) else 422
    words = _Words(status, _("Nothing has changed"), told(refused.template, refused.values), _STANDING)
    return _answer_words(words, refused.__class__.__name__)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    words = _HTTP.get(status) or (_FAILED if status >= 500 else _HTTP[400])
    answer = _answer_words(words, f"http_{status}", status)
    if status == 429:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _body_broken(_error: Exception) -> Response:
    return _answer_words(_HTTP[400], "body_broken")


def _failed(error: Exception) -> Response:
    if is_away(error):
        log.error("database away", exc_info=error)
        answer = _answer_words(_DATABASE_AWAY, "database_away")
        answer.headers["Retry-After"] = str(_RETRY_SECONDS)
        return answer
    log.error("request failed", exc_info=error)
    return _answer_words(_FAILED, "failed")


def _answer_words(
    words: _Words, cause: str, status: int | None = None, details: tuple[tuple[str, str], ...] = ()
) -> Response:
    is_worth_tracing = cause != "http_404"  # strangers' guesses at addresses are not
    if is_worth_tracing:
        log.info("page refused", extra={"cause": cause, "status": status or words.status})
    reference = request_reference.get() if is_worth_tracing else None
    title, text, what_to_do = words.title, words.text, words.what_to_do
    if is_console(request.path):
        title, text, what_to_do = CONSOLE_WORDS.get(cause, (title, text, what_to_do))
    page = MessagePage(str(title), str(text), str(what_to_do), reference, details)
    return _answer(page, status or words.status, cause)


def _answer(page: MessagePage, status: int, code: str) -> Response:
    """The page, or for our scripts the same as JSON; they tell causes apart by their `code`."""
    if wants_json(request):
        text = f"{page.text} {page.what_to_do}"
        error = {"title": page.title, "text": text, "reference": page.reference, "code": code}
        response = jsonify(error=error)
    elif is_console(request.path):
        console_page = ConsoleMessage(frame(page.title), page)
        response = make_response(render_template("admin/message.html", page=console_page))
    else:
        response = make_response(render_template("message.html", page=page))
    response.status_code = status
    return response


def wants_json(asked: Request) -> bool:
    """Whether one of our scripts is asking, rather than a person's browser."""
    return asked.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
