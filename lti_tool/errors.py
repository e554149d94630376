"""What can go wrong between us and a platform.

LaunchRefused         a login or launch is not let in; `cause` says why, the texts say it to people
PlatformInvalid       somebody asked us to register a platform with values that cannot be right
PlatformError         a platform's service did not do as asked; `retryable` says whether waiting can help
├── PlatformUnavailable   no answer, or one that says "later"
└── PlatformRefused       an answer that will not change by itself
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lti_tool.causes import Cause
from lti_tool.refusals import ADVICE

if TYPE_CHECKING:
    from lti_tool.launch import Launch

SHOWN_LENGTH = 200  # characters of a value from outside that a page shows


def shown(value: object) -> str:
    """`value` as a page or log may show it: no control, format or surrogate characters, at most `SHOWN_LENGTH`."""
    text = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in str(value)[: SHOWN_LENGTH + 1])
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "(not known)"  # an error page must never fail for want of a detail


@dataclass(frozen=True, slots=True)
class Told:
    """What the page of a refused launch says."""

    title: str
    message: str
    what_to_do: str


class LaunchRefused(Exception):
    """A login or launch that is not let in.

    `told` has the words for the person in front of it, `details` (name, value) are for the admin they ask; values from
    outside are already cut and cleaned by `shown`, but not escaped. `command` is what the admin may type, or ''.
    `status` is a 4xx code.
    `registration_id` is the platform's with whom the login was begun, None where none was or nobody knows.
    `cookie_absent` and `launch` are set only with `Cause.STATE_OTHER_BROWSER`: the browser sent no binding cookie at
    all, and `launch` is what would have been let in had it done so.
    """

    def __init__(
        self,
        cause: Cause,
        *,
        details: Sequence[tuple[str, object]] = (),
        command: str = "",
        cookie_absent: bool = False,
        launch: "Launch | None" = None,
    ) -> None:
        self.cause = cause
        self.details = tuple((name, shown(value)) for name, value in details)
        self.command = command
        self.status = ADVICE[cause].status
        self.cookie_absent = cookie_absent
        self.launch = launch
        self.registration_id: int | None = None
        super().__init__(str(cause))

    def told(self, translate: Callable[[str], str] = str) -> Told:
        """The words of `ADVICE` with the details filled in; English, unless `translate` makes something else of it."""
        facts = _Facts({name.replace(" ", "_"): value for name, value in self.details}, command=self.command)
        advice = ADVICE[self.cause]
        return Told(
            title=translate(advice.title),
            message=translate(advice.message) % facts,
            what_to_do=" ".join(translate(text) % facts for text in advice.what_to_do),
        )


class PlatformInvalid(ValueError):
    """A platform cannot be registered as described. `faults` names everything wrong at once, as sentences."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class PlatformError(Exception):
    """A platform did not do as asked. `reason` is a short phrase for logs and details, without anybody's data."""

    retryable = False

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PlatformUnavailable(PlatformError):
    """No usable answer now; asking again later may help."""

    retryable = True


class PlatformRefused(PlatformError):
    """An answer that stays the same until a person changes something."""
