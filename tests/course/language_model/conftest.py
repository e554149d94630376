from collections.abc import Iterator

import pytest

from config.database import Database
from course.language_model.calls import LanguageModel
from course.language_model.client import ModelClient
from tests.course.language_model.makers import ledger
from tests.support.model_service import KEY, RunningModelService


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


@pytest.fixture
def client(service: RunningModelService) -> Iterator[ModelClient]:
    made = ModelClient(key=KEY, base_url=service.url)
    yield made
    made.close()


@pytest.fixture
def model(sqlite_database: Database, client: ModelClient) -> LanguageModel:
    return LanguageModel(sqlite_database, client, ledger())
