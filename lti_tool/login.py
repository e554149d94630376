"""A platform asks us to begin a login; we answer with where to send the browser (LTI Core §5.1.1, Security §5.1.1).

The library builds the redirect. What it would keep in a session and a cookie of its own is caught here and kept as
one `LoginState` row; the browser holds only a secret of its own for this one login.
"""

import secrets
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.session import SessionService
from sqlalchemy.orm import Session

from config.settings import Settings
from config.words import N_
from lti_tool.addresses import is_on_origin_of
from lti_tool.causes import Cause
from lti_tool.claims import is_storable
from lti_tool.errors import LaunchRefused
from lti_tool.forms import Form, NoCookies, Parameters
from lti_tool.login_states import fingerprint, remember_login
from lti_tool.tool_conf import PlatformRegistration, Platforms

LAUNCH_PATH = "/lti/launch"
MAX_PARAMETER = 4000  # characters; Canvas's lti_message_hint, the longest one met, has about 1,000
COOKIE_PREFIX = "coursewright_login_"
RANDOM_BYTES = 24  # 192 bits in 32 characters of A-Z a-z 0-9 _ -, which is all that Moodle lets through
_READ = ("iss", "login_hint", "target_link_uri", "lti_message_hint", "client_id", "lti_deployment_id", "deployment_id")


@dataclass(frozen=True, slots=True)
class Login:
    """Where to send the browser, and what to leave in it: `binding_secret`, in a cookie named for `state`."""

    redirect_url: str = field(repr=False)
    state: str = field(repr=False)
    binding_secret: str = field(repr=False)
    registration_id: int


def cookie_name(state: str) -> str:
    """The name of the cookie that binds the login of `state`: one each, so that two tabs do not disturb each other."""
    return COOKIE_PREFIX + fingerprint(state)[:16]


def begin_login(session: Session, settings: Settings, parameters: Parameters) -> Login:
    """Remember a login and say where it goes on.

    `parameters` are those of query and body together, all values of each. Raises `LaunchRefused`; nothing is stored
    then. The deployment id that some platforms send here is a hint, unsigned, and not used.
    """
    form = Form(parameters, longest=MAX_PARAMETER)
    target = _checked(form, settings)
    login = _Login(
        form,
        Platforms(lambda: nullcontext(session)),
        session_service=_NonceKeeper(form),
        cookie_service=NoCookies(),
    )
    redirect_url = login.begin(settings.base_url + LAUNCH_PATH)
    binding_secret = secrets.token_urlsafe(RANDOM_BYTES)
    remember_login(
        session,
        state=login.state,
        nonce=login.nonce,
        binding_secret=binding_secret,
        registration_id=login.registration.row_id,
        target_link_uri=target,
        seconds=settings.launch_state_seconds,
    )
    return Login(redirect_url, login.state, binding_secret, login.registration.row_id)


def _checked(form: Form, settings: Settings) -> str:
    for name in _READ:
        if not is_storable(form.get_param(name)):
            raise LaunchRefused(Cause.PARAMETER_MALFORMED, details=((N_("parameter"), name),))
    if not form.get_param("iss"):
        raise LaunchRefused(Cause.ISSUER_MISSING)
    if not form.get_param("login_hint"):
        raise LaunchRefused(Cause.LOGIN_HINT_MISSING)
    # Unsigned, so never a place to go to: only the claim of the signed message is. One that leads elsewhere cannot end
    # well, and is better refused here, where the admin sees both addresses, than after a trip to the platform.
    target = form.get_param("target_link_uri")
    if target and not is_on_origin_of(target, settings.base_url):
        raise LaunchRefused(
            Cause.TARGET_LINK_URI, details=((N_("target"), target), (N_("expected"), settings.base_url))
        )
    return target


class _NonceKeeper(SessionService):
    """Keeps nothing: the nonce goes into our own row."""

    def save_nonce(self, nonce: str) -> None:
        """Part of the library's interface."""


class _Login(OIDCLogin[Form, Platforms, _NonceKeeper, NoCookies, Any]):
    """The library's login, with our randomness in place of time-based ids."""

    state = ""
    nonce = ""
    registration: PlatformRegistration

    def begin(self, launch_url: str) -> str:
        """The address to send the browser to; sets `state`, `nonce` and `registration`."""
        return self._prepare_redirect_url(launch_url)

    def get_redirect(self, url: str) -> NoReturn:
        raise NotImplementedError("the web layer redirects")

    def _get_uuid(self) -> str:
        token = secrets.token_urlsafe(RANDOM_BYTES)
        self.state = f"state-{token}"  # the library puts this prefix before it
        return token

    def _generate_nonce(self) -> str:
        self.nonce = secrets.token_urlsafe(RANDOM_BYTES)
        return self.nonce

    def validate_oidc_login(self) -> PlatformRegistration:
        self.registration = self._tool_config.find_permitted(
            self._get_request_param("iss"), self._get_request_param("client_id") or None
        )
        return self.registration
