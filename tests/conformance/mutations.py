"""Seeded damage: to the values of a message, to the bytes of a token, to the fields of a form."""

import copy
import json
import random
from typing import Any

STRINGS = (
    "", " ", "0", "null", "true", "\x00", "\ud800", "\u202e", "é", "ﬀ", "1.3.0 ", "x" * 255, "x" * 256, "x" * 5000,
    "<script>alert(1)</script>", "'; DROP TABLE learner; --", "../../etc/passwd", "javascript:alert(1)", "%00%ff%2e%2e",
    "http://localhost:5000@evil.example/", "//evil.example/lti/launch", "http://localhost:5000\\@evil.example/",
    "http://127.0.0.1:1/", "file:///etc/passwd", "http://[::1", "$Canvas.user.id", "{{7*7}}", "%(name)s", "{0}",
    "\r\nSet-Cookie: a=b", "=cmd|' /C calc'!A0", "١٢٣", "9" * 400, "-1", "1e999", "NaN",
)  # fmt: skip
OTHERS = (
    None, True, False, 0, -1, 1, 7.5, 2**31, 2**63, 10**40, 1e308, -0.0, [], {}, [None], [[[]]], {"": ""},
    {"id": None}, ["a", 1, None], [{}], {"a": {"b": {"c": [1]}}},
)  # fmt: skip


def any_value(random_: random.Random) -> Any:
    """A value of any type."""
    if random_.random() < 0.6:
        return random_.choice(STRINGS) if random_.random() < 0.8 else any_text(random_)
    return copy.deepcopy(random_.choice(OTHERS))


def any_text(random_: random.Random) -> str:
    """Letters from everywhere."""
    ranges = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xD800, 0xDFFF), (0x10000, 0x10FFFF))
    return "".join(chr(random_.randint(*random_.choice(ranges))) for _ in range(random_.randint(0, 40)))


def any_parameter(random_: random.Random) -> str:
    """Text that a form can carry: a lone surrogate has no bytes to travel in."""
    value = any_value(random_)
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode("utf-8")


def change_message(random_: random.Random, message: dict[str, Any]) -> dict[str, Any]:
    """The message with one to three members, at any depth, taken out, replaced or swapped."""
    changed = copy.deepcopy(message)
    for _ in range(random_.choice((1, 1, 1, 2, 3))):
        owner: Any = changed
        while True:
            keys = list(owner) if isinstance(owner, dict) else list(range(len(owner)))
            if not keys:
                break
            key = random_.choice(keys)
            if isinstance(owner[key], dict | list) and owner[key] and random_.random() < 0.5:
                owner = owner[key]
                continue
            _change(random_, owner, key)
            break
    return changed


def _change(random_: random.Random, owner: Any, key: Any) -> None:
    kind = random_.random()
    if kind < 0.25:
        del owner[key]
    elif kind < 0.3 and isinstance(owner, dict):
        owner[any_text(random_)] = owner.pop(key)
    elif kind < 0.4 and isinstance(owner[key], int | float) and not isinstance(owner[key], bool):
        owner[key] += random_.choice((-(10**6), -700, -70, -1, 1, 70, 700, 10**6))
    elif kind < 0.5 and isinstance(owner[key], str):
        owner[key] = damage_text(random_, owner[key])
    else:
        owner[key] = any_value(random_)


def damage_text(random_: random.Random, text: str) -> str:
    """The text with a piece taken out, put in, doubled or turned."""
    at = random_.randint(0, len(text))
    piece = random_.choice((random_.choice(STRINGS)[:40], any_text(random_)[:3], text[at : at + 5].swapcase()))
    return text[:at] + piece + text[at + random_.randint(0, 5) :]


def damage_token(random_: random.Random, token: str) -> str:
    """The token with something done to it that leaves no valid one."""
    head, body, signature = token.split(".")
    ways = (
        lambda: f"{head}.{body}",
        lambda: f"{head}.{body}.",
        lambda: f"{token}.{signature}",
        lambda: token + random_.choice(("=", "==", " ", "\n", "\x00", "A", "&")),
        lambda: f"{head}.{body}.{signature[::-1]}",
        lambda: f"{body}.{head}.{signature}",
        lambda: _flip(random_, token),
        lambda: token[: random_.randint(0, len(token) - 1)],
        lambda: any_parameter(random_),
        lambda: "a" * random_.choice((1, 1000, 70_000)),
    )
    return random_.choice(ways)()


def _flip(random_: random.Random, token: str) -> str:
    at = random_.randrange(len(token))
    letters = [one for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if one != token[at]]
    return token[:at] + random_.choice(letters) + token[at + 1 :]


def change_form(random_: random.Random, form: dict[str, Any]) -> dict[str, Any]:
    """The form with fields left out, repeated, damaged or added. Values may be lists: a field sent several times."""
    changed = dict(form)
    for _ in range(random_.choice((1, 1, 2, 3))):
        name = random_.choice([*changed, "made-up", "login_hint", "lti_deployment_id", "error"])
        ways = (
            lambda name=name: changed.pop(name, None),
            lambda name=name: changed.update({name: any_parameter(random_)}),
            lambda name=name: changed.update({name: [changed.get(name) or "a", any_parameter(random_)]}),
            lambda name=name: changed.update({f"{name}[]": any_parameter(random_)}),
        )
        random_.choice(ways)()
    return changed
