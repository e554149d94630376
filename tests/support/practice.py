"""The practice LMS under a personality, on the loopback and in this process, with a classroom of ours in its course."""

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import requests
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from config import clock
from config.database import Database
from lti_tool.cli.processes import free_port
from lti_tool.keys import ensure_keys, public_jwks
from lti_tool.practice_lms.activities import ActivitySpec, LineItemSpec
from lti_tool.practice_lms.app import create_app
from lti_tool.practice_lms.course import find_activity, find_person
from lti_tool.practice_lms.launches import AGS_CLAIM, CLAIM, DocumentTarget, launch_claims
from lti_tool.practice_lms.personality import Personality
from lti_tool.practice_lms.platform import EXTENSION, Platform
from lti_tool.practice_lms.settings import Settings
from lti_tool.practice_lms.signing import KEY_BITS
from lti_tool.practice_lms.store import Store
from lti_tool.practice_lms.tool_keys import ToolKeys

TOOL = "https://tool.example.org"
ADA, ALAN, GRACE = "201", "202", "101"


def _now() -> datetime:
    return clock.now()  # looked up each time: a test may have put another clock in its place


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(KEY_BITS, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)


def _give_key(folder: Path) -> None:
    """A signing key made once for all: making one takes time."""
    folder.mkdir(parents=True, exist_ok=True)
    with Store(folder / "practice-lms.sqlite3").transaction() as db:
        db.execute("INSERT INTO signing_key VALUES (?, ?, 1)", (_key().kid, _key().as_pem(private=True).decode()))


class PracticeLms:
    """Serves until `stop`. `quiz_url` is the column that came with the activity `quiz`; `whole` has none.

    `context_key` is for a test to say which context of ours plays its course.
    """

    context_key = ""

    def __init__(self, folder: Path, personality: Personality, database: Database, quiz_id: str) -> None:
        self.personality = personality
        self.address = f"http://127.0.0.1:{free_port(0)}"
        base = f"{TOOL}/lti/items/deep-learning"
        column = LineItemSpec(label="Quiz", score_maximum=5, resource_id=quiz_id, tag="grade")
        activities = (
            ActivitySpec("quiz", "Quiz", f"{base}/{quiz_id}", {"item": quiz_id}, column),
            ActivitySpec("bare", "Quiz without a column", f"{base}/{quiz_id}", {"item": quiz_id}),
            ActivitySpec("whole", "Everything", f"{TOOL}/lti/launch"),
        )
        settings = Settings(self.address, TOOL, folder, activities, controls=True, personality=personality)
        self.settings = settings
        _give_key(folder)
        self.app = create_app(settings, _now)
        made: Platform = self.app.extensions[EXTENSION]

        def keys_of_the_tool() -> bytes:
            with database.transaction() as session:
                ensure_keys(session)
                return json.dumps(public_jwks(session)).encode()

        self.platform = Platform(made.settings, made.store, ToolKeys(keys_of_the_tool), made.clock)
        self.app.extensions[EXTENSION] = self.platform
        self._server = make_server("127.0.0.1", int(self.address.rpartition(":")[2]), self.app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def registration(self) -> dict[str, str]:
        """What the tool registers."""
        return {
            "issuer": self.settings.issuer,
            "client_id": self.settings.client_id,
            "auth_login_url": self.settings.auth_url,
            "auth_token_url": self.settings.token_url,
            "jwks_url": self.settings.jwks_url,
        }

    @property
    def family(self) -> str:
        return self.personality.product_family_code

    @property
    def quiz_url(self) -> str:
        return self.settings.line_item_url(1)

    def sub(self, person: str) -> str:
        return self.personality.sub(person)

    def claims(self, person: str, activity: str, target: DocumentTarget = "iframe") -> dict[str, Any]:
        """The claims of a launch, as they would be signed."""
        with self.platform.store.transaction() as db:
            who, what = find_person(db, person), find_activity(db, activity)
            assert who
            assert what
            return launch_claims(
                db, self.settings, who, what, nonce="n", document_target=target, now=self.platform.clock()
            )

    def ags(self, person: str, activity: str) -> dict[str, Any]:
        return dict(self.claims(person, activity)[AGS_CLAIM])

    def link_id(self, activity: str) -> str:
        return str(self.claims(ADA, activity)[CLAIM + "resource_link"]["id"])

    def get(self, path: str) -> Any:
        return requests.get(self.address + path, timeout=5).json()

    def control(self, name: str, **options: Any) -> None:
        requests.post(f"{self.address}/controls/{name}", json=options, timeout=5).raise_for_status()

    def received(self) -> list[dict[str, Any]]:
        """Every score that was posted, oldest first, with the status it got."""
        return [{**json.loads(one["body"]), "status": one["status"]} for one in self.get("/controls/received-scores")]

    def grades(self, resource_id: str) -> dict[str, float | None]:
        """What stands in the columns of a resource id: person → points."""
        cells = [one for one in self.get("/gradebook.json") if one["resource_id"] == resource_id]
        return {one["user_id"]: one["result_score"] for one in cells}
