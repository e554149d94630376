"""The scan of logs and metrics finds what is planted, however it is written, and nothing where there is nothing."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from tests.support.scanning import Scanner

NAME, SECRET = "Karen Spärck Jones", "s3cret-S3CRET-token"
TEXT = "I let the “architecture” go, since any network would do."
SCANNER = Scanner(names=[NAME, "Ada"], texts=[TEXT], secrets=[SECRET])
CLEAN = (
    '{"at": "2026-11-25T23:08:44.115+00:00", "event": "score delivered", "task": "passback.deliver_scores", '
    '"reference": "fada10beef", "path": "/in/<placement_key>/<learner_key>/items/<item_id>", "cause": "service_503"}\n'
    'coursewright_deliveries_total{cause="",registration="1",result="held"} 1.0\n'
)


@pytest.mark.parametrize(
    "planted",
    [
        NAME,
        NAME.upper(),
        json.dumps({"name": NAME}),
        quote(NAME),
        f"/search?q={quote_plus(NAME)}&page=1",
        "Sp&auml;rck",
        "…e of Spärc…",
        "by Ada.",
        base64.urlsafe_b64encode(json.dumps({"name": NAME}).encode()).decode(),
        TEXT,
        json.dumps(TEXT)[6:50],
        "architecture  go,\\nsince",
        quote("the “architecture” go"),
        f"Authorization: {SECRET}",
        SECRET[:14],
        quote(SECRET),
        "k.sparck@example.org",
        "eyJhbGciOiJSUzI1NiJ9.e30.x",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_what_is_planted_is_found(planted: str) -> None:
    assert SCANNER.finds(CLEAN) == []
    assert SCANNER.finds(f"{CLEAN} {planted} {CLEAN}") != []
