"""From a form that a platform posted to a `Launch` that can be believed, or a `LaunchRefused` that says why not.

The checks are those of LTI Core 1.3 §5.3 and Security Framework 1.0 §5.1.3, in the order of `_CheckedLaunch.validate`.
They stand on the library's `MessageLaunch`; each method below closes what the library, left alone, would let through:

validate_state          a state is spent once, by one request; belongs to one browser; a token seen before is no pass
validate_jwt_format     `alg` other than RS256; keys in the header; a missing kid; JSON that reads two ways
validate_registration   a second audience, `azp`; an answer from another platform, or another client of the same issuer
validate_nonce          a nonce is that of this state, so it is spent with it
get_public_key          one fetch per launch, without limits; a key set that is none
validate_jwt_signature  a missing `exp` or `iat`, an old `iat`; no tolerance for clocks that differ
validate_message        claims of the wrong type, ids that are none, links that lead elsewhere

The library's last step, `save_launch_data`, is left out: it keeps the token, and its hash as a pass for next time.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import requests
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.session import SessionService

from config.database import Database
from config.settings import Settings
from config.words import N_
from lti_tool import claims
from lti_tool.audience import check_audience
from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused
from lti_tool.forms import Form, NoCookies, Parameters
from lti_tool.key_sets import KeySets
from lti_tool.launch import RESOURCE_LINK_REQUEST, Launch, check_message_type, deployment_id_of, read_launch
from lti_tool.login_states import SpentLogin, is_nonce_spent, is_same, spend_login
from lti_tool.models import Registration
from lti_tool.permission import check_deployment, check_registration
from lti_tool.registrations import ensure_deployment
from lti_tool.token_checks import check_header, check_times
from lti_tool.tokens import read_token
from lti_tool.tool_conf import PlatformRegistration, Platforms

log = logging.getLogger(__name__)

OLDEST_SECONDS = 600  # a token made longer ago is refused, however late its `exp`


def validate_launch(
    database: Database,
    settings: Settings,
    http: requests.Session,
    form: Parameters,
    cookies: Callable[[str], str | None],
) -> Launch:
    """The launch that `form` carries (fields `id_token` and `state`; or `error`, if the platform refused).

    `cookies` gives the binding secret that the browser holds for a state, None if it holds none. The state is spent
    first, in a transaction of its own, so a launch that fails cannot be tried again. Raises `LaunchRefused` and, for
    no content of the form, anything else. With STATE_OTHER_BROWSER and `cookie_absent` the refusal carries the launch
    if all else was in order: the one case in which a hand-over to a window of its own may be offered.
    """
    fields = Form(form)
    state, id_token = fields.get_param("state"), fields.get_param("id_token")
    if error := fields.get_param("error"):
        details = ((N_("error"), error), (N_("description"), fields.get_param("error_description") or "(none)"))
        ended = LaunchRefused(Cause.PLATFORM_ERROR, details=details)
        with suppress(LaunchRefused):  # the platform ended this login; whether it was one matters no more
            ended.registration_id = spend_login(database, state).registration_id
        raise ended
    login = spend_login(database, state)
    checked = _CheckedLaunch(database, settings, http, form=fields, login=login, cookie=cookies(state))
    try:
        if not id_token:
            raise LaunchRefused(Cause.TOKEN_MISSING)
        launch = checked.let_in()
        if checked.cookie_absent:
            raise LaunchRefused(Cause.STATE_OTHER_BROWSER, cookie_absent=True, launch=launch)
    except LaunchRefused as refused:
        refused.registration_id = login.registration_id
        raise
    return launch


class _CheckedLaunch(MessageLaunch[Form, Platforms, SessionService, NoCookies]):
    def __init__(
        self,
        database: Database,
        settings: Settings,
        http: requests.Session,
        *,
        form: Form,
        login: SpentLogin,
        cookie: str | None,
    ) -> None:
        platforms = Platforms(database.reading, settings.unknown_deployments)
        super().__init__(form, platforms, session_service=SessionService(form), cookie_service=NoCookies())
        self.set_auto_validation(False)  # reading a claim must not start the checks a second time
        self._database = database
        self._base_url = settings.base_url
        self._unknown_deployments = settings.unknown_deployments
        self._http = http
        self._login = login
        self._cookie = cookie
        self.cookie_absent = cookie is None
        self._row: PlatformRegistration
        self._issued_at = 0.0

    def let_in(self) -> Launch:
        """Run every check and read the launch."""
        try:
            self.validate()
        except LtiException as error:
            # One of the library's own checks, all of which ours should have made before it with a better text.
            raise claims.misfit("id_token", str(error)) from error
        return self._launch

    def validate(self) -> "_CheckedLaunch":
        """All checks in our order: the cheap ones before any that could make a request to the platform."""
        self.validate_state()
        self.validate_jwt_format()
        self.validate_registration()
        self.validate_nonce()
        self.validate_jwt_signature()
        self.validate_times()
        self.validate_message()
        self.validate_deployment()
        return self

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)

    @property
    def _payload(self) -> claims.Claims:
        return self._jwt["body"]

    def validate_state(self) -> "_CheckedLaunch":
        """The state is spent already; a browser that shows another secret than it was given is refused here."""
        if self._cookie is not None and not is_same(self._cookie, self._login.binding_hash):
            raise LaunchRefused(Cause.STATE_OTHER_BROWSER)
        return self

    def validate_jwt_format(self) -> "_CheckedLaunch":
        """Security §5.1.2: RS256, and nothing in the header that names a key but kid."""
        token = read_token(self._get_id_token())
        header: dict[str, Any] = token.header
        check_header(header)
        self._jwt = {"header": header, "body": token.payload}  # type: ignore[typeddict-item]  # unchecked as yet
        return self

    def validate_registration(self) -> "_CheckedLaunch":
        """Security §5.1.3 nos. 2–5, and that it is the platform and client with whom this login was begun."""
        with self._database.reading() as session:
            self._row = check_audience(session, self._payload, self._login.registration_id)
            check_registration(session.get_one(Registration, self._row.row_id))
        self._registration = self._row
        return self

    def validate_nonce(self) -> "_CheckedLaunch":
        """Security §5.1.3 no. 9."""
        nonce = self._payload.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            raise LaunchRefused(Cause.NONCE_MISSING)
        if not is_same(nonce, self._login.nonce_hash):
            with self._database.reading() as session:
                spent = is_nonce_spent(session, nonce)
            raise LaunchRefused(Cause.NONCE_REPLAYED if spent else Cause.NONCE_MISMATCH)
        return self

    def get_public_key(self) -> tuple[str, str]:
        """The one key that kid names, from our own store of key sets."""
        key_sets = KeySets(self._database, self._http, self._row.row_id, self._row.key_set_url)
        key = key_sets.find_key(self._jwt["header"]["kid"])
        self._row.set_key_set({"keys": [key]})  # type: ignore[arg-type]  # a key is more than the library's TKey
        return super().get_public_key()

    def validate_jwt_signature(self) -> "_CheckedLaunch":
        """Security §5.1.3 no. 1. Only the signature is the library's to check: its own look at times has no leeway."""
        self.set_jwt_verify_options(
            dict.fromkeys(("verify_aud", "verify_exp", "verify_iat", "verify_nbf", "verify_sub", "verify_jti"), False)  # type: ignore[arg-type]  # keys are computed
        )
        try:
            super().validate_jwt_signature()
        except LtiException as error:
            raise LaunchRefused(Cause.SIGNATURE) from error
        return self

    def validate_times(self) -> None:
        """Security §5.1.3 nos. 7 and 8."""
        self._issued_at = check_times(self._payload, oldest_seconds=OLDEST_SECONDS)

    def validate_message(self) -> "_CheckedLaunch":
        """LTI Core §5.3 and §5.4. The library's checks come last: they expect the types that ours have seen to.

        Only ordinary launches go through them. Of selections they refuse what Deep Linking lets a platform leave out;
        of submission reviews those without a column, and Moodle names none where a link has several; of data privacy
        launches one of the two spellings. Ours saw the rest.
        """
        check_message_type(self._payload)
        self._launch = read_launch(
            self._payload,
            registration_id=self._row.row_id,
            base_url=self._base_url,
            issued_at=self._issued_at,
        )
        if len({self._login.target_link_uri, self._launch.target_link_uri} - {""}) > 1:
            # Core §5.1.1.1: the login's target is unsigned, the message's counts. Worth knowing, no reason to refuse.
            log.info("target differs from the login's", extra={"registration": self._row.row_id})
        if self._payload[claims.MESSAGE_TYPE] == RESOURCE_LINK_REQUEST:
            super().validate_message()
        return self

    def validate_deployment(self) -> "_CheckedLaunch":
        """LTI Core §5.3.3: known, or welcome as new. Last, so that only a launch in order can bring a new one."""
        deployment_id = deployment_id_of(self._payload)
        if not self._tool_config.find_deployment_by_params(self._row.issuer, deployment_id, self._row.client_id):
            self._ask_for(deployment_id)
        return self

    def _ask_for(self, deployment_id: str) -> NoReturn:
        """Refuse a new deployment; where an administrator is to be asked, it waits for them from now on."""
        with self._database.transaction() as session:
            registration = session.get_one(Registration, self._row.row_id)
            deployment = ensure_deployment(session, registration, deployment_id, self._unknown_deployments)
        check_deployment(deployment)
        raise RuntimeError("a new deployment that may use the tool is not refused")
