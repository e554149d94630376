"""Students who argue a lab over HTTP and try again whatever happens to the servers, as people do."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import requests

from lti_tool.cli.demo_student import Student, StudentFailed
from tests.faults.machine_room import MachineRoom

PATIENCE_SECONDS = 240.0
REPLY_SECONDS = 40.0  # a reply whose writer was killed is taken up when its lease has ended, and once more after that
PAUSE_SECONDS = 0.4
STEP_SECONDS = 30.0
HASTE = 0.03  # how likely a student stops waiting for a reply at each look


@dataclass(slots=True)
class Told:
    """What the server has confirmed to a student: to be found there at the end."""

    user_id: str
    lab_id: str
    said: list[str] = field(default_factory=list)
    has_handed_in: bool = False


class LabStudent(Student):
    """A student with the one form of a lab's page, whose buttons lead to different addresses."""

    def post(self, page: requests.Response, address_ends: str, **fields: str) -> requests.Response:
        form = self._form(page, lambda one: re.search(r"/labs/\w+$", one.action) is not None)
        data = {**form.fields, **fields}
        return self._ok(self.browser.post(f"{form.action}{address_ends}", data=data, timeout=STEP_SECONDS))

    def look(self, address: str) -> requests.Response:
        """The page, asked for again."""
        return self._ok(self.browser.get(address, timeout=STEP_SECONDS))


@dataclass(slots=True)
class Journey:
    """One student at one lab, from the launch to handing in. `answers` counts what the server answered."""

    room: MachineRoom
    told: Told
    words: tuple[str, ...]
    random: Random
    answers: Counter[str]

    def run(self) -> None:
        """Go on until it is handed in. Raises AssertionError when that does not come to be."""
        student = LabStudent(self.room.lms)
        deadline = time.monotonic() + PATIENCE_SECONDS
        student.browser.post(f"{self.room.lms}/session", data={"user_id": self.told.user_id}, timeout=30)
        while not self.told.has_handed_in:
            if time.monotonic() > deadline:
                raise AssertionError(f"student {self.told.user_id} could not hand {self.told.lab_id} in")
            try:
                self._argue(student, student.launch(self.told.lab_id), deadline)
            except requests.RequestException as error:
                self.answers[error.__class__.__name__] += 1
                time.sleep(PAUSE_SECONDS)
            except StudentFailed as failed:
                told = re.search(r"answered (\d+)", str(failed))
                self.answers[told[1] if told else "no form"] += 1
                time.sleep(PAUSE_SECONDS)

    def _argue(self, student: LabStudent, page: requests.Response, deadline: float) -> None:
        replying_since: float | None = None
        while time.monotonic() < deadline:
            text = re.sub(r"<template.*?</template>", "", page.text, flags=re.DOTALL)
            if "lab-submitted" in text:
                self.told.has_handed_in = True
                return
            if "lab-before" in text:
                page = student.send(page, "/conversation")
                continue
            is_replying = 'data-state="replying"' in text
            replying_since = (replying_since or time.monotonic()) if is_replying else None
            if replying_since is not None and not self._has_waited_enough(replying_since):
                time.sleep(PAUSE_SECONDS)
                page = student.look(page.url)
                continue
            said = len(re.findall(r'class="turn turn-student"', text))
            if said < len(self.words) and not is_replying:
                page = student.post(page, "", action="say", text=self.words[said])
                self.told.said.append(self.words[said])
            else:
                page = student.post(page, "/submit", action="submit-anyway", text="")

    def _has_waited_enough(self, since: float) -> bool:
        """Now and then a student hands in while the reply is still on its way."""
        if time.monotonic() - since < REPLY_SECONDS:
            return self.random.random() < HASTE
        self.answers["reply never came"] += 1
        return True
