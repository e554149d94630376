"""Text that speaks to whoever grades: what it looks like, in plain and in disguised spelling. Patterns, no verdicts.

Every pattern is held against the texts of this project's labs and against honest transcripts (tests), since a learner
who is flagged waits for a person. Words that a conversation about a model needs (score, level, points, test, rate)
are therefore never enough by themselves. The patterns stand in instruction-patterns.yaml.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import yaml

from grading.common_words import COMMON_WORDS, FUNCTION_WORDS
from grading.transcript import words

_FILE = Path(__file__).with_name("instruction-patterns.yaml")
WINDOW, MOSTLY, HARDLY = 7, 4, 1  # words in a row; how many of them are everyday words in a sentence, and in none
_KNOWN = {word for word in COMMON_WORDS | FUNCTION_WORDS if len(word) > 1}
LEAST_TO_JUDGE, LEAST_PLAIN = 6, 0.2  # words, and the share of them that any English text has
LAST_LATIN = 0x24F
_LETTERS = re.compile(r"[a-z']+")


def _patterns() -> dict[str, list[re.Pattern[str]]]:
    written = yaml.safe_load(_FILE.read_text(encoding="utf-8"))

    def compiled(pattern: str) -> re.Pattern[str]:
        for _ in range(2):  # parts may hold parts
            for name, part in written["parts"].items():
                pattern = pattern.replace(f"<{name}>", part)
        between = re.sub(r"<gap (\d)>", lambda gap: rf"(?:[\w'’-]+\W{{1,3}}){{0,{gap[1]}}}", pattern)
        return re.compile(between, re.IGNORECASE)

    return {kind: [compiled(one) for one in patterns] for kind, patterns in written["kinds"].items()}


_KINDS = _patterns()
KINDS = frozenset({*_KINDS, "encoded"})

_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝвмнктᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢαβεηικνορτυχγ",
    "aeopcyxijsdhqwbmhktabcdeghijklmnoprtuvwyzabenikvoptuxy",
)
_LEET = str.maketrans("013457@$!|", "oleastasil")
_LEET_I = str.maketrans("013457@$!|", "oieastasil")  # a 1 is read as l or as i
_LEET_WORD = re.compile(r"(?=[\w@$!|]*[A-Za-z])(?=[\w@$!|]*[013457@$!|])[A-Za-z013457@$!|]{3,}")
_SPACED = re.compile(r"\b(?:\w[ .\-_*]{1,3}){4,}\w\b")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[ :]?){10,}\b")
_BITS = re.compile(r"\b(?:[01]{8}\s?){4,}")
_MORSE = re.compile(r"(?:[.\-]{1,5}[ /]+){8,}")


def addresses_grader(text: str) -> tuple[str, ...]:
    """The kinds of grader-directed text found in `text`, however it is spelled; empty for ordinary words."""
    found: list[str] = []
    for spelling in (text, *_other_spellings(text)):
        plain = _without_accents(spelling)
        for kind, patterns in _KINDS.items():
            if kind not in found and any(one.search(spelling) or one.search(plain) for one in patterns):
                found.append(kind)
    if "encoded" not in found and is_encoded(text):
        found.append("encoded")
    return tuple(found)


def looks_foreign(text: str) -> bool:
    """Whether a text is in a language other than English, or in none."""
    found = [word.casefold().replace("’", "'") for word in words(text)]
    letters = [one for one in text if one.isalpha()]
    if sum(ord(one) > LAST_LATIN for one in letters) * 2 > len(letters):
        return True
    plain = sum(word in COMMON_WORDS or word in FUNCTION_WORDS for word in found)
    return len(found) >= LEAST_TO_JUDGE and plain < LEAST_PLAIN * len(found)


def is_encoded(text: str) -> bool:
    """Whether a text hides words: base64, hexadecimal, binary, Morse, ROT13, or written backwards."""
    if any(_decodes(blob) for blob in _BLOB.findall(text)) or _BITS.search(text) or _MORSE.search(text):
        return True
    if any(_is_readable(bytes.fromhex(re.sub(r"[ :]", "", match.group()))) for match in _HEX.finditer(text)):
        return True
    return _reads_better(text, lambda word: codecs.encode(word, "rot13")) or _reads_better(
        text, lambda word: word[::-1]
    )


def _decodes(blob: str) -> bool:
    body = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _is_readable(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
    except (binascii.Error, ValueError):
        return False


def _is_readable(data: bytes) -> bool:
    printable = sum(32 <= one < 127 or one in b"\n\t" for one in data)
    return len(data) >= 10 and printable >= 0.95 * len(data)


def _reads_better(text: str, turned: Callable[[str], str]) -> bool:
    """Whether some words in a row are everyday English only once they are turned."""
    found = _LETTERS.findall(text.casefold())
    as_written = [word in _KNOWN for word in found]
    as_turned = [turned(word) in _KNOWN for word in found]
    return any(
        sum(as_turned[start : start + WINDOW]) >= MOSTLY and sum(as_written[start : start + WINDOW]) <= HARDLY
        for start in range(max(1, len(found) - WINDOW + 1))
    )


def _other_spellings(text: str) -> list[str]:
    """The text with disguises taken off, where it wears any."""
    made = []
    for other in (
        text.casefold().translate(_LOOKALIKES),
        _LEET_WORD.sub(lambda match: match.group().translate(_LEET), text),
        _LEET_WORD.sub(lambda match: match.group().translate(_LEET_I), text),
        _SPACED.sub(lambda match: re.sub(r"[ .\-_*]", "", match.group()), text),
        html.unescape(text),
        unquote(text),
    ):
        if other.casefold() != text.casefold():
            made.append(other)
    return made


def _without_accents(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
