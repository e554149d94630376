"""What is stored about somebody: a plain page in every visit, and the answer to a platform's data privacy launch."""

from flask import Blueprint, make_response, render_template
from sqlalchemy import select
from werkzeug import Response

from lti_tool.launch import Launch
from lti_tool.models import LtiUser, Registration
from lti_tool.stored_data import stored_about
from lti_tool.web.current import services
from lti_tool.web.data_pages import PrivacyPage, YourDataPage, facts_of
from lti_tool.web.error_pages import PageRefused
from lti_tool.web.frames import frame_of_course
from lti_tool.web.guards import Visit, learner_page
from lti_tool.web.i18n import gettext, prefer
from lti_tool.web.security_headers import allow_frames

blueprint = Blueprint("data", __name__, url_prefix="/in/<placement_key>/<learner_key>")


@blueprint.get("/your-data")
@learner_page
def show(visit: Visit) -> str:
    """What is kept of whoever looks."""
    person = visit.session.scalars(select(LtiUser).where(LtiUser.learner_id == visit.learner_id)).one()
    stored = stored_about(visit.session, person.registration_id, person.sub)
    frame = frame_of_course(visit, gettext("Your data"))
    return render_template("your_data.html", page=YourDataPage(frame, facts_of(stored, is_own=True)))


def answer_privacy_launch(valid: Launch) -> Response:
    """The page itself, not the way to one: nobody is seated, so nothing is made that would have to be kept or could be
    taken along; whoever reloads it is sent back to the platform."""
    prefer(launch=valid.locale)
    sub = valid.privacy_sub or ""
    is_own = sub == valid.sub
    if not is_own and not valid.is_administrator:
        raise PageRefused("not_your_data")
    with services().database.reading() as session:
        allow_frames(session.get_one(Registration, valid.registration_id), valid.return_url)
        limit = None if is_own else valid.deployment_id
        stored = stored_about(session, valid.registration_id, sub, deployment_id=limit)
    page = PrivacyPage(
        title=gettext("Your data") if is_own else gettext("Data of a person"),
        about="" if is_own else gettext("The person whom your platform knows as %(id)s.", id=sub),
        facts=facts_of(stored, is_own=is_own),
        return_url=valid.return_url,
    )
    return make_response(render_template("privacy.html", page=page))
