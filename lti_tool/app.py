"""The web application, put together from its settings. `lti_tool/__init__.py` is empty: workers load no Flask."""

import logging
import time

from flask import Flask, g, request
from werkzeug import Response
from werkzeug.middleware.proxy_fix import ProxyFix

from config import metrics, outbound
from config.database import Database
from config.settings import Settings
from config.task_queue import Nudger, make_celery
from course.catalog import Catalog
from course.language_model.calls import language_model
from course.model_partner import ModelPartner
from course.partners import Partners
from course.replies import Replies
from lti_tool.ai_switches import group_of
from lti_tool.measures import Measures
from lti_tool.services import Services
from lti_tool.web import (
    data,
    error_pages,
    glossary,
    health,
    home,
    i18n,
    items,
    labs,
    language_choice,
    launch,
    link_choices,
    links,
    modules,
    notices,
    people,
    picker,
    quizzes,
    rate_limits,
    registering,
    review,
    static_files,
    work,
)
from lti_tool.web import metrics as metrics_page
from lti_tool.web.admin import admins as admin_admins
from lti_tool.web.admin import ai as admin_ai
from lti_tool.web.admin import audit_log as admin_audit
from lti_tool.web.admin import grades as admin_grades
from lti_tool.web.admin import invitations as admin_invitations
from lti_tool.web.admin import launches as admin_launches
from lti_tool.web.admin import overview as admin_overview
from lti_tool.web.admin import platform as admin_platforms
from lti_tool.web.admin import signing_in as admin_signing_in
from lti_tool.web.admin import spend as admin_spend
from lti_tool.web.current import services
from lti_tool.web.numbers import RowNumber
from lti_tool.web.security_headers import add_security_headers

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000
RELOAD_SECONDS = 2.0


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The tool for `settings`. Raises `ContentError` when a course folder has problems at start."""
    app = Flask(__name__, template_folder="web/templates", static_folder=None)
    app.url_map.converters["int"] = RowNumber
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY_BYTES, MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES, MAX_FORM_PARTS=500)
    database = database or Database(settings.database_url)
    catalog = Catalog(settings.courses)
    app.extensions["coursewright"] = Services(
        settings=settings,
        database=database,
        catalog=catalog,
        http=outbound.make_session(allow_private=settings.allow_private_platforms, ca_file=settings.ca_file),
        nudger=Nudger(make_celery(settings)),
        replies=Replies(database, _partners(settings, database)),
        measures=Measures(settings, database, catalog),
    )
    for module in (
        home,
        health,
        metrics_page,
        launch,
        notices,
        registering,
        picker,
        link_choices,
        links,
        items,
        language_choice,
        modules,
        glossary,
        quizzes,
        labs,
        people,
        review,
        work,
        admin_signing_in,
        admin_overview,
        admin_platforms,
        admin_invitations,
        admin_launches,
        admin_admins,
        admin_audit,
        admin_grades,
        admin_ai,
        admin_spend,
        data,
    ):
        app.register_blueprint(module.blueprint)
    i18n.register(app)
    error_pages.register(app)
    app.before_request(_begin)
    app.after_request(_finish)
    static_files.register(app)
    rate_limits.register(app, settings)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _reload_courses(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Addresses come from COURSEWRIGHT_BASE_URL alone; a proxy is believed about the client's address only.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0, x_prefix=0)  # type: ignore[method-assign]
    return app


def _partners(settings: Settings, database: Database) -> Partners:
    model = language_model(settings, database, group_of)
    return Partners(ModelPartner(model, settings.partner_model) if model else None)


def _reload_courses(app: Flask) -> None:
    last = 0.0

    @app.before_request
    def reload_courses() -> None:
        nonlocal last
        if time.monotonic() - last > RELOAD_SECONDS:
            last = time.monotonic()
            try:
                app.extensions["coursewright"].catalog.reload_if_changed()
            except Exception:  # whatever is wrong with files, or with how we read them: nobody's page is
                log.exception("course files not read again; the last good version is served")


def _begin() -> None:
    g.began = time.monotonic()
    error_pages.begin_request()


def _finish(response: Response) -> Response:
    add_security_headers(response, is_production=services().settings.is_production)
    rule = request.url_rule.rule if request.url_rule else "(none)"
    seconds = time.monotonic() - g.get("began", time.monotonic())
    metrics.observe(metrics.REQUESTS, seconds, rule, f"{response.status_code // 100}xx")
    log.info(
        "request",
        extra={
            "method": request.method,
            "path": rule,  # the rule, not the address: ids of people and attempts stay out of logs
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
        },
    )
    return response
