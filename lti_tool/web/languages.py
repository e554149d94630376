"""The languages there are, and which of them a reader gets.

A language is a file `lti_tool/locale/<tag>.po`; it is read as it is, nothing has to be compiled. English needs none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from lti_tool.web.pseudo import PSEUDO

FOLDER = Path(__file__).resolve().parent.parent / "locale"
SOURCE = "en"
LONGEST_TAG = 35  # characters, as `Learner.locale` and `Seat.locale`
_PSEUDO_BY_NAME = {key.lower(): key for key in PSEUDO}


@dataclass(frozen=True, slots=True)
class Language:
    """What a page is written in. `key`: whose words ("en", "pt_BR"); `locale`: whose numbers and dates (`en_GB`)."""

    key: str
    locale: Locale

    @property
    def tag(self) -> str:
        """The language as HTML and Intl name it (BCP 47)."""
        return (self.key if self.key in PSEUDO else str(self.locale)).replace("_", "-")

    @property
    def direction(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return self.locale.text_direction

    @property
    def name(self) -> str:
        """The language's name in itself, as a list of languages shows it."""
        if self.key in PSEUDO:
            return f"{self.tag} (made up)"
        own = self.locale.get_display_name(self.locale) or self.key
        return own[:1].upper() + own[1:]


def translated() -> tuple[str, ...]:
    """The keys of all languages there are real words for."""
    return (SOURCE, *sorted(file.stem for file in FOLDER.glob("*.po")))


def choose_language(wanted: Iterable[str], offered: Sequence[str]) -> Language:
    """The first of `wanted` (tags in any spelling, or nonsense) that is among `offered`; English when none is.

    Numbers and dates take the form of the first wanted tag that names a region for that language: English words for
    a reader from `en-GB` come with British dates.
    """
    known = [one for tag in wanted if (one := _known(tag))]
    key = next((found for one in known if (found := _find(one, offered))), SOURCE)
    forms = next((one for one in known if one.startswith(f"{key}_")), key)
    return Language(key, Locale(key.partition("_")[0]) if key in PSEUDO else Locale.parse(forms))


def text_direction(tag: str) -> str:
    """Which way the language of a tag in any spelling is written: "ltr" or "rtl"."""
    known = _known(tag)
    return Locale(known.partition("_")[0]).text_direction if known else "ltr"


def _known(tag: str) -> str:
    """The tag as we spell it: `PT-br.UTF-8` is `pt_BR`, `zh_tw` is `zh_Hant_TW`; '' for a language nobody knows.

    Parts that mean nothing are left out: `de_du`, Moodle's informal German, is `de`.
    """
    bare = re.split(r"[.@;,\s]", tag.strip()[:LONGEST_TAG])[0].replace("-", "_")
    if bare.lower() in _PSEUDO_BY_NAME:
        return _PSEUDO_BY_NAME[bare.lower()]
    parts = bare.split("_")
    for length in range(len(parts), 0, -1):
        try:
            return str(Locale.parse("_".join(parts[:length])))
        except (ValueError, UnknownLocaleError):
            continue
    return ""


def _find(wanted: str, offered: Sequence[str]) -> str | None:
    """The offered key that fits best: the same, else the same with parts left out, else any of the same language."""
    parts = wanted.split("_")
    shorter = ("_".join(parts[:length]) for length in range(len(parts), 0, -1))
    relatives = (key for key in offered if key not in PSEUDO and key.partition("_")[0] == parts[0])
    return next((key for key in shorter if key in offered), None) or next(relatives, None)


@cache
def translations(key: str) -> NullTranslations:
    """The words of the language `key`."""
    if key in PSEUDO:
        return PSEUDO[key]
    if key == SOURCE:
        return NullTranslations()
    with (FOLDER / f"{key}.po").open("rb") as file:
        catalog = read_po(file, locale=key)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
