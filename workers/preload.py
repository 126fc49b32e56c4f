"""Loads before the first job whatever jobs need: no job ever imports a module."""

import codecs
import netrc

from babel.numbers import format_currency

from app.countries import country_code
from app.language import LANGUAGES, catalogue
from app.providers import downloads, mailer
from app.providers.hubspot import crm, oauth
from app.providers.slack import channel
from app.providers.stripe import billing
from app.providers.stripe.preload import preload as preload_stripe
from app.wording import mails, receipt
from app.wording import slack as slack_words

# `requests` reads netrc at its first call.
LOADED = (downloads, mailer, channel, crm, oauth, billing, mails, receipt, slack_words, netrc)


def preload() -> None:
    """Use once what loads on first use: the SDK's classes, texts, locale data, codecs."""
    preload_stripe()
    codecs.lookup("unicode_escape")
    country_code("")
    for language in LANGUAGES:
        catalogue(language)
        format_currency(1, "EUR", locale=language)
