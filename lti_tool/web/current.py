"""The services of the application at work."""

from typing import cast

from flask import current_app

from lti_tool.services import Services


def services() -> Services:
    """The one `Services` object of this application."""
    return cast(Services, current_app.extensions["coursewright"])
