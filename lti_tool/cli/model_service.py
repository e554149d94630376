"""`coursewright model-service`."""

import os
import sys

import click


@click.command(
    "model-service",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
@click.pass_context
def model_service(context: click.Context) -> None:
    """A language model service on the loopback, for trying labs out without a key; --help tells its options."""
    command = [sys.executable, "-m", "lti_tool.model_service", *context.args]
    os.execv(command[0], command)  # noqa: S606 - our own interpreter; signals then reach the service directly
