"""Every word of the interface is in the template for translators, whole and with named placeholders."""

import re

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.messages import FILE, collect

NAMED = re.compile(r"%\([a-z_]+\)[sd]")


def test_the_template_for_translators_is_up_to_date() -> None:
    """Only what it says counts: after a merge the order may be another than `make messages` gives."""
    with FILE.open("rb") as file:
        written = read_po(file, abort_invalid=True)
    assert _words(written) == _words(collect()), "run `make messages` and commit what it writes"


def _words(catalog: Catalog) -> set[tuple[object, object]]:
    return {(message.id, message.context) for message in catalog if message.id}


def test_every_placeholder_has_a_name() -> None:
    """A translator must be able to move them; and a bare % breaks a sentence as soon as it gets its first value."""
    for message in collect():
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            assert "%" not in NAMED.sub("", text), text
            assert text == text.strip(), f"glued to something: {text!r}"


def test_both_forms_of_a_plural_have_the_same_values() -> None:
    for message in collect():
        if isinstance(message.id, tuple):
            one, more = (set(NAMED.findall(text)) for text in message.id)
            assert one <= more, message.id
