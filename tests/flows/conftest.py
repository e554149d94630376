"""Databases and brokers that outlive a test, for stacks that do."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.flows.classroom import Classroom
from tests.support.servers import redis_server
from tests.support.stack import running_stack


@pytest.fixture(scope="module")
def kept_postgres_url(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh PostgreSQL database for a module."""
    name = request.module.__name__.rpartition(".")[2]
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_coursewright"))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """Tool, worker and practice LMS on SQLite, with tasks in files: what `make demo` runs, but no clock yet."""
    with running_stack(tmp_path_factory.mktemp("laptop"), "lms", "tool", "worker") as stack:
        yield Classroom(stack)


@pytest.fixture(scope="module")
def server_room(tmp_path_factory: pytest.TempPathFactory, kept_postgres_url: str) -> Iterator[Classroom]:
    """The same on PostgreSQL and Redis, as in production."""
    with redis_server() as broker:
        settings = {"COURSEWRIGHT_DATABASE_URL": kept_postgres_url, "COURSEWRIGHT_BROKER_URL": broker}
        with running_stack(tmp_path_factory.mktemp("server"), "lms", "tool", "worker", **settings) as stack:
            yield Classroom(stack)
