"""Marks words for translation where nothing can translate them yet."""


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """`message` as it is, found by `make messages`. Whoever shows it translates it, with `lti_tool.web.i18n.gettext`.

    For packages that know no web: they keep the English sentence as a template with named placeholders
    (`%(count)s`) and the values beside it.
    """
    return message
