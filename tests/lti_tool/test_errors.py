import re

import pytest

from lti_tool.causes import Cause
from lti_tool.errors import LaunchRefused, PlatformInvalid, PlatformRefused, PlatformUnavailable, shown
from lti_tool.refusals import ADVICE


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_words_a_person_can_act_on(cause: Cause) -> None:
    advice = ADVICE[cause]
    assert 400 <= advice.status < 500
    assert advice.title
    assert all(text.endswith((".", "%(command)s")) for text in (advice.message, *advice.what_to_do))
    assert len(" ".join(advice.what_to_do)) > 20
    assert "!" not in advice.title + advice.message + "".join(advice.what_to_do)


@pytest.mark.parametrize("cause", list(Cause))
def test_a_missing_detail_never_breaks_an_error_page(cause: Cause) -> None:
    told = LaunchRefused(cause).told()
    assert "%" not in told.message + told.what_to_do


def test_details_fill_the_words() -> None:
    refused = LaunchRefused(Cause.EXPIRED, details=(("seconds", 75),))
    assert "75 seconds" in refused.told().message
    assert refused.details == (("seconds", "75"),)


def test_a_detail_from_outside_cannot_reach_into_the_words() -> None:
    refused = LaunchRefused(Cause.ISSUER, details=(("issuer", "%(expected)s {expected}"), ("expected", "us")))
    assert "%(expected)s {expected}" in refused.told().message


def test_words_are_translated_before_the_details_come_in() -> None:
    refused = LaunchRefused(Cause.EXPIRED, details=(("seconds", 75),))
    told = refused.told(lambda text: text.upper().replace("%(SECONDS)S", "%(seconds)s"))
    assert told.message == "BY THIS TOOL'S CLOCK, THE LAUNCH MESSAGE RAN OUT 75 SECONDS AGO."
    assert told.title == "THIS LAUNCH HAS EXPIRED"


def test_a_value_from_outside_is_shown_short_and_without_tricks() -> None:
    assert shown("a" * 500) == "a" * 200 + "…"
    assert shown("a\x00b\u202ec\ud800d\n") == "a b c d "
    assert shown(["<b>"]) == "['<b>']"


def test_placeholders_are_plain_names() -> None:
    for advice in ADVICE.values():
        for text in (advice.message, *advice.what_to_do):
            assert "%" not in re.sub(r"%\([a-z_]+\)s", "", text)
            assert "{" not in text


def test_a_service_error_says_whether_waiting_helps() -> None:
    assert PlatformUnavailable("it took too long").retryable
    assert not PlatformRefused("it said no").retryable


def test_every_fault_of_a_platform_is_in_its_text() -> None:
    assert str(PlatformInvalid(["One.", "Two."])) == "One.\nTwo."
