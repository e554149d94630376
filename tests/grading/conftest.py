from collections.abc import Iterator

import pytest

from tests.support.model_service import RunningModelService


@pytest.fixture(scope="module")
def _running() -> Iterator[RunningModelService]:
    with RunningModelService() as running:
        yield running


@pytest.fixture
def service(_running: RunningModelService) -> RunningModelService:
    """The loopback service, with no script and nothing remembered."""
    _running.forget()
    _running.script()
    return _running
