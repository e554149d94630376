"""What all tests share: real databases, made from one migrated template, and settings that point at them."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, text

from config.database import Database
from config.settings import Settings, from_environment
from lti_tool.migrating import upgrade
from tests.support.running import (  # noqa: F401 - hooks, found by their names
    pytest_collection_modifyitems,
    pytest_xdist_make_scheduler,
)
from tests.support.servers import postgres_server
from tests.support.warm import warm

# A slow machine is no fault of the code: no example has a deadline of its own.
hypothesis.settings.register_profile("coursewright", deadline=None)
hypothesis.settings.load_profile("coursewright")

SECRET = "a secret of the tests, long enough to be one"


@pytest.fixture(scope="session", autouse=True)
def warm_process() -> Iterator[None]:
    """No application of this process compiles our templates or reads our course again."""
    with warm():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server's address, and in it a migrated database `template_coursewright` to copy."""
    with postgres_server() as address:
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE template_coursewright"))
        engine.dispose()
        template = Database(_in_server(address, "template_coursewright"))
        upgrade(template.engine)
        template.dispose()
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    database = Database(f"sqlite:///{file}")
    upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


_numbers = itertools.count()


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_coursewright"))
    yield _in_server(postgres, name)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    file = tmp_path / "coursewright.sqlite"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of either kind: every test that uses it runs on both."""
    return str(request.getfixturevalue("postgres_url" if request.param == "postgresql" else "sqlite_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database of either kind, open."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database, open: for tests in which the kind makes no difference."""
    opened = Database(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    """Settings of a laptop, with everything below `tmp_path`."""
    return from_environment(
        {
            "COURSEWRIGHT_DATA_DIR": str(tmp_path),
            "COURSEWRIGHT_DATABASE_URL": sqlite_url,
            "COURSEWRIGHT_SECRET_KEY": SECRET,
            "COURSEWRIGHT_BASE_URL": "http://localhost:5000",
        }
    )


def _in_server(address: str, name: str) -> str:
    return address.replace("/postgres?", f"/{name}?", 1)
