"""Every reason for which a login or launch is refused, and what its page says: one table, so that nothing is unsaid.

`message` tells the person what happened, `what_to_do` what helps, with a sentence for the admin where only they can
act. `%(name)s` is filled from the refusal's details of that name, with _ for its spaces. All of it is English here;
whoever shows it translates it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.words import N_
from lti_tool.causes import Cause


@dataclass(frozen=True, slots=True)
class Advice:
    """The words of an error page, and its HTTP status (400–499: the fault lies in what was sent to us).

    `what_to_do` are whole sentences or groups of them, shown one after the other.
    """

    title: str
    message: str
    what_to_do: tuple[str, ...]
    status: int = 400


_AGAIN = N_("Go back to your course and open the activity again.")
_ADMIN = N_("If it happens every time, show this page to the person who looks after your learning platform.")
_SETUP = N_("This is a matter of set-up: show this page to the person who looks after your learning platform.")
_VENDOR = N_(
    "Opening the activity again will not help. Show this page to the person who looks after your learning "
    "platform; for them: the launch message does not follow LTI 1.3, so its sender must be corrected or updated."
)
_CLOCK = N_(
    "If the same page appears, show it to the person who looks after your learning platform. For them: the clock "
    "of the platform's server or of this tool's server is wrong; set both by NTP. Up to 60 seconds are tolerated."
)
_WAITS = N_("The tool waits to be allowed here")
_SWITCHED_OFF = N_("The tool is switched off here")
_KEPT = N_(
    "Nothing is lost: what you have done is kept, and grades that are not in the gradebook yet are sent when it is "
    "switched on again."
)

ADVICE: Mapping[Cause, Advice] = {
    Cause.ISSUER_MISSING: Advice(
        N_("This page is opened from a course"),
        N_("Your learning platform starts this page, and it must say who it is. It did not (no iss)."),
        (
            N_("Open the activity from within your course."),
            _ADMIN,
        ),
    ),
    Cause.LOGIN_HINT_MISSING: Advice(
        N_("This page is opened from a course"),
        N_("Your learning platform starts this page, and it must hint who is logged in. It did not (no login_hint)."),
        (
            N_("Open the activity from within your course."),
            _ADMIN,
        ),
    ),
    Cause.CLIENT_ID_MISSING: Advice(
        N_("The platform did not say which client it is"),
        N_("Several registrations share the address %(issuer)s, and the login request named no client_id."),
        (
            _SETUP,
            N_("For them: make the platform send client_id with its login request."),
        ),
    ),
    Cause.UNKNOWN_REGISTRATION: Advice(
        N_("Your learning platform is not registered here"),
        N_(
            "The platform calls itself %(issuer)s with the client id %(client_id)s. This tool has no such registration."
        ),
        (
            _SETUP,
            N_("For them: compare both values with the registration, every character counts, or add it: %(command)s"),
        ),
        404,
    ),
    Cause.PARAMETER_REPEATED: Advice(
        N_("The request is ambiguous"),
        N_("The parameter %(parameter)s was sent more than once, so it is not clear which value is meant."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.PARAMETER_TOO_LONG: Advice(
        N_("The request is too long"),
        N_("The parameter %(parameter)s is longer than this tool accepts."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.PARAMETER_MALFORMED: Advice(
        N_("The request cannot be read"),
        N_("The parameter %(parameter)s holds characters that are no text."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.PLATFORM_ERROR: Advice(
        N_("Your learning platform ended the launch"),
        N_("It answered with the error %(error)s. Most often the launch has expired, or the page was reloaded."),
        (
            N_("Go back to your course, log in again if asked to, and open the activity again."),
            _ADMIN,
        ),
    ),
    Cause.STATE_MISSING: Advice(
        N_("This page is opened from a course"),
        N_("What arrived is not the answer to a login that began here (no state)."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.STATE_UNKNOWN: Advice(
        N_("This launch is not known here"),
        N_("It did not begin here, or it began so long ago that it has been forgotten."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.STATE_EXPIRED: Advice(
        N_("This launch took too long"),
        N_("Too much time passed between the click in your course and this page."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.STATE_REPLAYED: Advice(
        N_("This launch has been used already"),
        N_("Each click in your course opens this page once. It was reloaded, or sent a second time."),
        (_AGAIN,),
        409,
    ),
    Cause.STATE_OTHER_BROWSER: Advice(
        N_("This launch began in another browser"),
        N_("The browser that shows this page could not be recognised as the one in which the activity was opened."),
        (
            _AGAIN,
            N_(
                "If that does not help, your browser keeps cookies away from pages inside other pages: open the "
                "activity in a new window, or allow cookies for this site."
            ),
        ),
        403,
    ),
    Cause.STATE_OTHER_PLATFORM: Advice(
        N_("This launch was answered by another platform"),
        N_("It began at %(began_at)s, and the answer comes from %(answered_by)s."),
        (
            _AGAIN,
            N_("If you did not click in a course just now, close this page."),
            _ADMIN,
        ),
        403,
    ),
    Cause.NONCE_MISSING: Advice(N_("The launch message is incomplete"), N_("It carries no nonce."), (_VENDOR,)),
    Cause.NONCE_MISMATCH: Advice(
        N_("This launch does not fit its login"),
        N_("The message answers another login than the one that began here (its nonce differs)."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.NONCE_REPLAYED: Advice(
        N_("This launch message has been used already"),
        N_("The message belongs to an earlier launch that has been used (its nonce is spent)."),
        (_AGAIN,),
        409,
    ),
    Cause.TOKEN_MISSING: Advice(
        N_("The launch message is missing"),
        N_("Your learning platform sent no launch message (no id_token)."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.TOKEN_TOO_LARGE: Advice(
        N_("The launch message is too long"),
        N_("It is longer than the 256 KB that this tool accepts."),
        (
            _SETUP,
            N_("For them: very many or very long custom parameters are the usual reason."),
        ),
    ),
    Cause.TOKEN_MALFORMED: Advice(
        N_("The launch message cannot be read"),
        N_("It is not a well-formed signed message: %(fault)s."),
        (
            _AGAIN,
            _ADMIN,
        ),
    ),
    Cause.TOKEN_ALGORITHM: Advice(
        N_("The launch message is signed in a way we do not accept"),
        N_("Only RS256 is accepted; the message says %(alg)s."),
        (
            _SETUP,
            N_("For them: choose RS256 for this tool."),
        ),
    ),
    Cause.TOKEN_EMBEDDED_KEY: Advice(
        N_("The launch message brings its own key"),
        N_("Its header holds %(header)s. Keys are taken from the registered key set only."),
        (_VENDOR,),
    ),
    Cause.TOKEN_CRITICAL: Advice(
        N_("The launch message asks for something unknown"),
        N_("Its header declares extensions as critical (crit) that this tool does not know."),
        (_VENDOR,),
    ),
    Cause.KID_MISSING: Advice(N_("The launch message names no key"), N_("Its header has no kid."), (_VENDOR,)),
    Cause.KID_UNKNOWN: Advice(
        N_("The launch message is signed with an unknown key"),
        N_("The platform's key set holds no usable key with the id %(kid)s."),
        (
            N_("Wait a minute, go back to your course and open the activity again."),
            _ADMIN,
            N_(
                "For them: %(key_set)s must list this key as RSA with 2048 bits or more, and be the address "
                "registered here."
            ),
        ),
    ),
    Cause.SIGNATURE: Advice(
        N_("The launch message was changed or signed by somebody else"),
        N_("Its signature does not fit the platform's key."),
        (
            _AGAIN,
            _ADMIN,
            N_("For them: compare the registered key set address with the platform's."),
        ),
    ),
    Cause.KEY_SET_UNREACHABLE: Advice(
        N_("Your learning platform cannot be reached"),
        N_("To check the launch, this tool must read the platform's keys, and %(key_set)s did not answer: %(reason)s."),
        (
            N_("Wait a minute, go back to your course and open the activity again."),
            _ADMIN,
            N_("For them: the address must be reachable from this tool's server."),
        ),
        424,
    ),
    Cause.KEY_SET_UNUSABLE: Advice(
        N_("Your learning platform's keys cannot be read"),
        N_("The address %(key_set)s does not answer with a key set: %(reason)s."),
        (
            _SETUP,
            N_("For them: the registered key set address must answer with a JSON Web Key Set, without redirects."),
        ),
        424,
    ),
    Cause.KEY_SET_FORBIDDEN: Advice(
        N_("Your learning platform lies at a private address"),
        N_("The platform's keys are at %(key_set)s, which is not on the public internet."),
        (
            _SETUP,
            N_("For them: if private addresses are wanted, set COURSEWRIGHT_ALLOW_PRIVATE_PLATFORMS=on."),
        ),
        424,
    ),
    Cause.ISSUER: Advice(
        N_("The launch message comes from somebody else"),
        N_("It names the issuer %(issuer)s; this launch began at %(expected)s."),
        (
            _SETUP,
            N_("For them: the registered issuer must equal the platform's, every character counts."),
        ),
    ),
    Cause.AUDIENCE: Advice(
        N_("The launch message is meant for somebody else"),
        N_("It is addressed to %(audience)s; the registration here has the client id %(expected)s."),
        (
            _SETUP,
            N_("For them: compare the client id on both sides."),
        ),
    ),
    Cause.AZP: Advice(
        N_("The launch message is meant for somebody else"),
        N_("It was issued to %(azp)s (azp); the registration here has the client id %(expected)s."),
        (
            _SETUP,
            N_("For them: compare the client id on both sides."),
        ),
    ),
    Cause.EXP_MISSING: Advice(
        N_("The launch message is incomplete"), N_("It does not say when it expires (exp)."), (_VENDOR,)
    ),
    Cause.EXPIRED: Advice(
        N_("This launch has expired"),
        N_("By this tool's clock, the launch message ran out %(seconds)s seconds ago."),
        (
            _AGAIN,
            _CLOCK,
        ),
    ),
    Cause.IAT_MISSING: Advice(
        N_("The launch message is incomplete"), N_("It does not say when it was made (iat)."), (_VENDOR,)
    ),
    Cause.IAT_FUTURE: Advice(
        N_("The clocks disagree"),
        N_("By this tool's clock, the launch message is from the future: the clocks are %(seconds)s seconds apart."),
        (
            _AGAIN,
            _CLOCK,
        ),
    ),
    Cause.IAT_OLD: Advice(
        N_("This launch has expired"),
        N_("By this tool's clock, the launch message was made %(seconds)s seconds ago."),
        (
            _AGAIN,
            _CLOCK,
        ),
    ),
    Cause.NOT_BEFORE: Advice(
        N_("The clocks disagree"),
        N_("By this tool's clock, the launch message holds only %(seconds)s seconds from now (nbf)."),
        (
            _AGAIN,
            _CLOCK,
        ),
    ),
    Cause.VERSION: Advice(
        N_("The platform speaks another LTI version"),
        N_("The launch message must say LTI version 1.3.0; it says %(version)s."),
        (_VENDOR,),
    ),
    Cause.MESSAGE_TYPE_MISSING: Advice(
        N_("The launch message is incomplete"), N_("It does not say what it is (message_type)."), (_VENDOR,)
    ),
    Cause.MESSAGE_TYPE_UNKNOWN: Advice(
        N_("The launch message is of an unknown kind"), N_("Its message_type is %(message_type)s."), (_VENDOR,)
    ),
    Cause.MESSAGE_TYPE_UNSUPPORTED: Advice(
        N_("This kind of launch is not supported yet"),
        N_(
            "Your learning platform sent a %(message_type)s. This tool opens activities; it cannot answer this one yet."
        ),
        (N_("Open the activity itself from your course. For the admin: switch this placement off for the tool."),),
    ),
    Cause.DEPLOYMENT_MISSING: Advice(
        N_("The launch message is incomplete"), N_("It names no deployment_id."), (_VENDOR,)
    ),
    Cause.DEPLOYMENT_REFUSED: Advice(
        N_("The tool is not approved for this place"),
        N_(
            "The platform is known, its deployment %(deployment_id)s is not, and new ones are not accepted by "
            "themselves."
        ),
        (
            _SETUP,
            N_("For them: %(command)s"),
        ),
        403,
    ),
    Cause.REGISTRATION_PENDING: Advice(
        _WAITS,
        N_("Whoever looks after this tool has to allow your learning platform first."),
        (
            _SETUP,
            N_("For them: allow it in this tool’s console under Platforms, or with: %(command)s"),
        ),
        403,
    ),
    Cause.REGISTRATION_DISABLED: Advice(
        _SWITCHED_OFF,
        N_("Whoever looks after this tool has switched it off for your learning platform."),
        (
            _KEPT,
            N_("For whoever looks after the tool: switch it on in its console under Platforms, or with: %(command)s"),
        ),
        403,
    ),
    Cause.DEPLOYMENT_PENDING: Advice(
        _WAITS,
        N_(
            "The platform is known, its deployment %(deployment_id)s is new. Whoever looks after this tool has to "
            "allow it first."
        ),
        (
            _SETUP,
            N_("For them: allow it in this tool’s console under Platforms, or with: %(command)s"),
        ),
        403,
    ),
    Cause.DEPLOYMENT_DISABLED: Advice(
        _SWITCHED_OFF,
        N_(
            "Whoever looks after this tool has switched it off for this part of your learning platform (deployment "
            "%(deployment_id)s)."
        ),
        (
            _KEPT,
            N_("For whoever looks after the tool: switch it on in its console under Platforms, or with: %(command)s"),
        ),
        403,
    ),
    Cause.RESOURCE_LINK: Advice(
        N_("The launch message is incomplete"), N_("It does not say which link was opened (resource_link)."), (_VENDOR,)
    ),
    Cause.TARGET_LINK_URI: Advice(
        N_("The launch leads somewhere else"),
        N_("The link's target is %(target)s; this tool answers at %(expected)s."),
        (
            _SETUP,
            N_("For them: correct the target_link_uri of the tool or of the link, or COURSEWRIGHT_BASE_URL here."),
        ),
    ),
    Cause.ROLES: Advice(N_("The launch message is incomplete"), N_("It has no list of roles."), (_VENDOR,)),
    Cause.SELECTION_RETURN: Advice(
        N_("The launch message is incomplete"),
        N_(
            "Activities were to be chosen, but the message names no web address that takes the choice; it says "
            "%(return_address)s."
        ),
        (_VENDOR,),
    ),
    Cause.SELECTION_ROLE: Advice(
        N_("Only instructors add activities"),
        N_("Your learning platform does not say that you teach this course, so nothing can be added to it from here."),
        (
            N_("Close this window. To do an activity, open it from the page of your course."),
            N_("If you do teach the course, show this page to the person who looks after your learning platform."),
        ),
        403,
    ),
    Cause.USER_MISSING: Advice(
        N_("Please log in to your course first"),
        N_("Your learning platform did not say who you are, so your work could not be kept."),
        (
            N_(
                "Log in to your learning platform, then open the activity again. For the admin: visitors who are "
                "not logged in cannot use this activity, and the launch message must carry sub."
            ),
        ),
        403,
    ),
    Cause.CLAIM_TYPE: Advice(
        N_("The launch message holds something unexpected"),
        N_("The claim %(claim)s is not as LTI 1.3 has it: %(fault)s."),
        (_VENDOR,),
    ),
}
