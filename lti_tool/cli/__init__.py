"""`coursewright`: everything an admin does, by command. Each command is a small module of its own."""

import click

from lti_tool.cli import (
    accommodations,
    admins,
    ai,
    audit,
    contexts,
    course,
    database,
    demo,
    evaluate,
    grades,
    health,
    keys,
    launches,
    model_service,
    platforms,
    policy,
    serve,
    spend,
    status,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="coursewright")
def main() -> None:
    """Coursewright: lessons, quizzes and labs for your LMS, with grades that arrive."""


for command in (
    demo.demo,
    serve.serve,
    serve.worker,
    serve.beat,
    database.db,
    platforms.platforms,
    admins.admin,
    audit.audit,
    launches.launches,
    course.course,
    contexts.contexts,
    contexts.people,
    policy.policy,
    accommodations.accommodations,
    grades.grades,
    health.health,
    ai.ai,
    keys.keys,
    model_service.model_service,
    evaluate.evaluate,
    spend.spend,
    status.status,
    spend.budget,
):
    main.add_command(command)
