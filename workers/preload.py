"""Loads what jobs will need before the first one runs: no job ever imports."""

from babel.numbers import format_currency

from app.language import LANGUAGES, catalogue
from app.providers import downloads, mailer, slack
from app.providers.hubspot import crm, oauth
from app.providers.stripe import billing
from app.wording import mails, receipt
from app.wording import slack as slack_words

LOADED = (downloads, mailer, slack, crm, oauth, billing, mails, receipt, slack_words)


def preload() -> None:
    """Touch what loads itself on first use: catalogues and locale data."""
    for language in LANGUAGES:
        catalogue(language)
        format_currency(1, "EUR", locale=language)
