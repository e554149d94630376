"""The loopback model service on a thread of the tests' own process, scripted by the test that uses it."""

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

import requests

from config.settings import Settings, from_environment
from lti_tool.model_service.answers import Answerer
from lti_tool.model_service.models_at_work import plausible
from lti_tool.model_service.prompt_cache import PromptCache
from lti_tool.model_service.service import ModelService, Pace

KEY = "a-key-of-the-tests"


class RunningModelService:
    """`with RunningModelService() as service:` answers at `service.url` until the block ends."""

    def __init__(self, answerer: Answerer = plausible, pace: Pace | None = None, cache: PromptCache | None = None):
        self._service = ModelService(answerer, pace, cache)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model-service", daemon=True)
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._service.start(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def script(self, *entries: dict[str, Any]) -> None:
        """Answer by these entries first (lti_tool/model_service/README.md has their form)."""
        requests.post(f"{self.url}/service/script", json=list(entries), timeout=5).raise_for_status()

    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the requests that came in, oldest first."""
        answer = requests.get(f"{self.url}/service/requests", timeout=5)
        return [one["body"] for one in answer.json()]

    def headers(self) -> list[dict[str, str]]:
        """The headers of the requests that came in, without the key."""
        return [one["headers"] for one in requests.get(f"{self.url}/service/requests", timeout=5).json()]

    def forget(self) -> None:
        """Forget requests, counts and the prompt cache."""
        requests.post(f"{self.url}/service/forget", timeout=5).raise_for_status()

    def settings(self, **environment: str) -> Settings:
        """Settings that reach this service, with further variables."""
        return from_environment({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.url, **environment})
