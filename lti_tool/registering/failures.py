"""Every way a registration can fail, and what the admin in front of it is told."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from config.words import N_
from lti_tool.errors import Told, shown
from lti_tool.refusals import Advice


class Failure(StrEnum):
    """Why a platform was not registered."""

    NOT_INVITED = "not_invited"
    TOO_MANY_WAIT = "too_many_wait"
    INVITATION_UNKNOWN = "invitation_unknown"
    INVITATION_USED = "invitation_used"
    INVITATION_EXPIRED = "invitation_expired"
    INVITATION_BUSY = "invitation_busy"
    REQUEST_UNUSABLE = "request_unusable"
    ADDRESS_PRIVATE = "address_private"
    CONFIGURATION_NO_ANSWER = "configuration_no_answer"
    CONFIGURATION_REFUSED = "configuration_refused"
    CONFIGURATION_UNUSABLE = "configuration_unusable"
    ISSUER_FOREIGN = "issuer_foreign"
    OTHER_PLATFORM_INVITED = "other_platform_invited"
    NOT_SENT = "not_sent"
    ANSWER_LOST = "answer_lost"
    PLATFORM_REFUSED = "platform_refused"
    ANSWER_UNUSABLE = "answer_unusable"
    KNOWN_DIFFERENTLY = "known_differently"


_INVITE = N_("Ask whoever runs this tool for a new invitation. They make one with: %(command)s")
_NOTHING = N_("Nothing was registered, here or there, and your invitation is still good.")
_AGAIN = N_("Start again in your LMS: each of its registration requests is good once.")
_TWO_HALVES = N_(
    "This tool has stored nothing. If the LMS now lists Coursewright among its tools, delete it there, then start "
    "again; your invitation is still good."
)
_NOT_INVITED = N_("This registration needs an invitation")
_NOT_READ = N_("The LMS's description of itself cannot be used")

ADVICE: Mapping[Failure, Advice] = {
    Failure.NOT_INVITED: Advice(
        _NOT_INVITED,
        N_("An LMS is registered here only by an invitation, and the address was opened without one."),
        (_INVITE,),
        403,
    ),
    Failure.TOO_MANY_WAIT: Advice(
        _NOT_INVITED,
        N_("Many platforms wait to be allowed here already, so no other is taken without an invitation."),
        (_INVITE,),
        403,
    ),
    Failure.INVITATION_UNKNOWN: Advice(
        _NOT_INVITED,
        N_("There is no such invitation: it was mistyped, withdrawn, or its time was over long ago."),
        (N_("Copy the whole address once more, in case a piece of it is missing."), _INVITE),
        403,
    ),
    Failure.INVITATION_USED: Advice(
        N_("This invitation has been used"),
        N_("Each is good for one registration, and %(name)s was registered with it."),
        (N_("If that was you, all is done, and you may close this page."), _INVITE),
        403,
    ),
    Failure.INVITATION_EXPIRED: Advice(
        N_("This invitation has expired"),
        N_("Its time is over. Nothing was registered."),
        (_INVITE,),
        403,
    ),
    Failure.INVITATION_BUSY: Advice(
        N_("This invitation is being used at this moment"),
        N_("Another registration with it is under way."),
        (N_("Wait a minute. If your LMS does not list Coursewright among its tools then, start again there."),),
        409,
    ),
    Failure.REQUEST_UNUSABLE: Advice(
        N_("The LMS did not send what a registration takes"),
        N_("Its request is wrong at: %(parameter)s."),
        (
            N_("Paste the address of your invitation into the LMS's own form for registering a tool."),
            N_("If you did, the LMS does not follow LTI Dynamic Registration; register it by hand instead."),
        ),
    ),
    Failure.ADDRESS_PRIVATE: Advice(
        N_("The LMS lies in a private network"),
        N_("%(address)s answers at an address that this tool may not go to."),
        (
            _NOTHING,
            N_(
                "If the LMS is meant to be there, let whoever runs this tool set "
                "COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS=on and restart it."
            ),
        ),
        422,
    ),
    Failure.CONFIGURATION_NO_ANSWER: Advice(
        N_("The LMS does not answer this tool"),
        N_("This tool's server asked %(address)s who it is, and got no answer (%(reason)s)."),
        (_NOTHING, N_("See that the tool's server can reach that address, then start again in your LMS.")),
        422,
    ),
    Failure.CONFIGURATION_REFUSED: Advice(
        N_("The LMS did not say who it is"),
        N_("This tool's server asked %(address)s, and the answer was HTTP %(status)s."),
        (_NOTHING, _AGAIN),
        422,
    ),
    Failure.CONFIGURATION_UNUSABLE: Advice(
        _NOT_READ,
        N_("What %(address)s says does not follow LTI Dynamic Registration; the faults stand below."),
        (_NOTHING, N_("Show this page to the makers of your LMS, or register it by hand.")),
        422,
    ),
    Failure.ISSUER_FOREIGN: Advice(
        N_("The LMS calls itself by another's name"),
        N_("What %(address)s says is about %(issuer)s, which lies elsewhere. That is not believed."),
        (
            _NOTHING,
            N_("If the LMS has moved, correct the address it has for itself (Moodle: wwwroot), then start again."),
        ),
        422,
    ),
    Failure.OTHER_PLATFORM_INVITED: Advice(
        N_("This invitation is for another LMS"),
        N_("It may bring %(invited)s up to date, and the request came from %(issuer)s."),
        (_NOTHING, _INVITE),
        403,
    ),
    Failure.NOT_SENT: Advice(
        N_("The LMS takes no registration"),
        N_("This tool's server could not connect to %(address)s (%(reason)s)."),
        (_NOTHING, N_("See that the tool's server can reach that address, then start again in your LMS.")),
        422,
    ),
    Failure.ANSWER_LOST: Advice(
        N_("The LMS did not answer the registration"),
        N_("It was sent to %(address)s, and no whole answer came back (%(reason)s)."),
        (_TWO_HALVES,),
        422,
    ),
    Failure.PLATFORM_REFUSED: Advice(
        N_("The LMS refused the registration"),
        N_("It answered with HTTP %(status)s; its own words stand below."),
        (_NOTHING, _AGAIN, N_("If it refuses again, register it by hand.")),
        422,
    ),
    Failure.ANSWER_UNUSABLE: Advice(
        N_("The LMS answered with something unreadable"),
        N_("It took the registration, and its answer cannot be used; the fault stands below."),
        (_TWO_HALVES, N_("If it happens again, register it by hand.")),
        422,
    ),
    Failure.KNOWN_DIFFERENTLY: Advice(
        N_("This LMS is known here with other addresses"),
        N_(
            "%(issuer)s with client id %(client_id)s is registered already, and its sign-in, token or key address is "
            "another one. A registration cannot change those by itself, or anybody's could."
        ),
        (
            N_("Nothing was changed here; your invitation is still good."),
            N_("If the new addresses are right, let whoever runs this tool invite that very LMS: %(command)s"),
        ),
        409,
    ),
}  # fmt: skip


class RegistrationFailed(Exception):
    """A platform was not registered, and nothing was stored. `details` (name, value) are cleaned by `shown`."""

    def __init__(self, cause: Failure, *, details: Sequence[tuple[str, object]] = ()) -> None:
        self.cause = cause
        self.details = tuple((name, shown(value)) for name, value in details)
        self.status = ADVICE[cause].status
        super().__init__(str(cause))

    def told(self, translate: Callable[[str], str] = str) -> Told:
        """The words for the admin, the details filled in; English, unless `translate` makes something else of it."""
        facts = {"command": "coursewright platforms invite --name …"}
        facts |= {name.replace(" ", "_"): value for name, value in self.details}
        advice = ADVICE[self.cause]
        return Told(
            title=translate(advice.title),
            message=translate(advice.message) % facts,
            what_to_do=" ".join(translate(text) % facts for text in advice.what_to_do),
        )
