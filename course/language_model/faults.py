"""The SDK's errors in our words. Their texts are dropped: a service may quote in them what a student wrote."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import anthropic
import httpx2

from config import clock
from course.language_model.answer import Answer
from course.language_model.errors import (
    LanguageModelError,
    ModelBusy,
    ModelCut,
    ModelNotConfigured,
    ModelRejected,
    ModelUnavailable,
    SpendLimit,
)

LONGEST_WAIT = timedelta(minutes=5)  # whatever a retry-after asks for
DEFAULT_WAIT = timedelta(seconds=5)
SPEND_LIMIT_WAIT = timedelta(minutes=15)
_MAYBE_DONE = frozenset({408, 499, 502, 504})  # a proxy gave up; the service behind it may have answered, and charged


@contextmanager
def translated(answer: Answer | None = None) -> Iterator[None]:
    """Turn whatever the SDK raises in the block into a `LanguageModelError`.

    `answer`: the stream's, once a 200 has come. From then on every fault is a `ModelCut` with what had arrived.
    """
    try:
        yield
    except anthropic.APIStatusError as error:
        raise _of_stream(answer, _cause(error)) if answer else _of_status(error) from None
    except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
        raise _of_stream(answer, _name(error)) if answer else _of_connection(error) from None
    except (anthropic.AnthropicError, AttributeError, TypeError, ValueError) as error:
        if answer is None and isinstance(error, (AttributeError, TypeError)):
            raise  # our own mistake in asking
        # The SDK reads leniently: what is no Messages API surfaces as a missing attribute or as broken JSON.
        raise _of_stream(answer, f"unreadable_{_name(error)}") from None


def _of_stream(answer: Answer | None, cause: str) -> LanguageModelError:
    return ModelCut(cause[:40], reply=answer.so_far() if answer else None, may_be_billed=True)


def _of_status(error: anthropic.APIStatusError) -> LanguageModelError:
    cause, status = _cause(error), error.status_code
    if status == 402 or cause.endswith("spend_limit_reached"):
        return SpendLimit(cause, retry_after=SPEND_LIMIT_WAIT)
    if status in {429, 529} or cause == "overloaded_error":
        return ModelBusy(cause, retry_after=retry_after(error.response.headers) or DEFAULT_WAIT)
    if status in {401, 403}:
        return ModelNotConfigured(cause)
    if status in {408, 409, 499} or status >= 500:
        return ModelUnavailable(
            cause, retry_after=retry_after(error.response.headers), may_be_billed=status in _MAYBE_DONE
        )
    return ModelRejected(cause)


def _of_connection(error: Exception) -> LanguageModelError:
    beneath = error.__cause__ or error
    never_sent = isinstance(beneath, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout))
    return ModelUnavailable(_name(beneath), may_be_billed=not never_sent)


def _cause(error: anthropic.APIStatusError) -> str:
    told = error.error_code or error.type or f"http_{error.status_code}"
    return re.sub(r"[^a-z0-9_]", "_", str(told).lower())[:40]


def _name(error: BaseException) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__class__.__name__).lower()


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the service asks us to wait: milliseconds, seconds or a date; never more than `LONGEST_WAIT`."""
    try:
        if "retry-after-ms" in headers:
            wait = timedelta(milliseconds=float(headers["retry-after-ms"]))
        else:
            wait = timedelta(seconds=float(headers["retry-after"]))
    except (KeyError, OverflowError):
        return LONGEST_WAIT if "retry-after" in headers else None
    except ValueError:
        moment = _date(headers.get("retry-after", ""))
        if moment is None:
            return None
        wait = moment - clock.now()
    return min(max(wait, timedelta(0)), LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
