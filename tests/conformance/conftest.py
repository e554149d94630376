"""The tool under test: a process of its own, or any tool at `CONFORMANCE_TOOL_URL` that knows the platform."""

import os
from collections.abc import Iterator

import pytest

from tests.conformance.platform import (
    CLIENT_ID,
    DEPLOYMENT_ID,
    ISSUER,
    OTHER_ISSUER,
    SIBLING_CLIENT_ID,
    Platform,
    running_platform,
)
from tests.conformance.visitor import Visitor
from tests.support.stack import running_stack

REGISTRATIONS = ((ISSUER, CLIENT_ID), (ISSUER, SIBLING_CLIENT_ID), (OTHER_ISSUER, CLIENT_ID))


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The suite's platform; on port `CONFORMANCE_PLATFORM_PORT` where a tool elsewhere must find it."""
    with running_platform(int(os.environ.get("CONFORMANCE_PLATFORM_PORT", "0"))) as started:
        yield started


@pytest.fixture(scope="session")
def tool(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tool's address."""
    if elsewhere := os.environ.get("CONFORMANCE_TOOL_URL"):
        platform.tool = elsewhere.rstrip("/")
        yield platform.tool
        return
    folder = tmp_path_factory.mktemp("conformance")
    with running_stack(folder, COURSEWRIGHT_RATE_LIMITS="off", COURSEWRIGHT_OPEN_REGISTRATION="on") as stack:
        for issuer, client_id in REGISTRATIONS:
            stack.register(**platform.registration(issuer, client_id), deployment_id=DEPLOYMENT_ID)
        stack.start("tool", "worker")
        platform.tool = stack.tool
        yield stack.tool
        stack.kill("tool")  # nothing is under way that would have to be waited for


@pytest.fixture
def visitor(tool: str, platform: Platform) -> Visitor:
    """A fresh browser."""
    return Visitor(tool, platform)
