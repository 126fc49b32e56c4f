"""Outgoing mail: the server lets us in, receivers can tell that it may send for us."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from dns.resolver import Resolver

from app.accounts.clients import mailer
from app.addresses import is_address
from app.doctor.check import Check, ok, unseen, wrong
from app.errors import ProviderError
from app.language import say
from app.providers.mail_dns import (
    SilentDnsError,
    dmarc_record,
    has_dkim_keys,
    spf_records,
    system_resolver,
)
from app.providers.mail_message import Mail
from app.reasons import reason_of
from app.runtime import Runtime
from app.tokens import new_token


def look_at_mail(runtime: Runtime, to: str, language: str) -> Iterator[Check]:
    """The settings, the login, a test mail where `to` names who gets it, then DNS."""
    yield (settings := look_at_settings(runtime))
    if settings.is_wrong:
        return
    yield (login := look_at_login(runtime))
    if to and not login.is_wrong:
        yield send_test(runtime, to, language)
    yield from look_at_dns(runtime.settings.mail_from.rpartition("@")[2], system_resolver)


def look_at_settings(runtime: Runtime) -> Check:
    name, settings = "mail.settings", runtime.settings
    if not settings.smtp_url:
        return wrong(name, "no_server")
    try:
        parts = urlsplit(settings.smtp_url)
        readable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        readable = False
    if not readable:
        return wrong(name, "unreadable")
    if not is_address(settings.mail_from):
        return wrong(name, "no_sender")
    return ok(name, sender=settings.mail_from)


def look_at_login(runtime: Runtime) -> Check:
    """The mail server takes connection and login; nothing is sent."""
    name, host = "mail.login", urlsplit(runtime.settings.smtp_url).hostname or ""
    try:
        mailer(runtime).try_login()
    except ProviderError as error:
        found = "refused" if error.status else str(error.code)
        return wrong(name, found, host=host, words=error.detail, code=error.code)
    return ok(name, host=host)


def send_test(runtime: Runtime, to: str, language: str) -> Check:
    """Hand a mail to the server; whether it arrives is for its reader to see."""
    name, sender = "mail.test", runtime.settings.mail_from
    if not is_address(to):
        return wrong(name, "no_address", to=to)
    mail = Mail(
        to=to,
        to_name="",
        sender=sender,
        sender_name="Propale",
        reply_to="",
        subject=say(language, "doctor.mail_subject"),
        text=say(language, "doctor.mail_text", url=runtime.settings.public_url),
        html="",
        message_id=f"<doctor.{new_token()}@{sender.rpartition('@')[2]}>",
        language=language,
    )
    try:
        mailer(runtime).send(mail)
    except ProviderError as error:
        if error.detail:
            return wrong(name, "refused", to=to, words=error.detail)
        return wrong(name, "failed", to=to, reason=reason_of(error))
    return ok(name, to=to)


def look_at_dns(domain: str, resolver: Callable[[], Resolver]) -> Iterator[Check]:
    """SPF, DKIM and DMARC of the sender's domain; `unseen` where DNS does not answer."""
    try:
        asked = resolver()
        for look in (_spf, _dkim, _dmarc):
            yield look(asked, domain)
    except SilentDnsError:
        yield unseen("mail.dns", "silent", domain=domain)


def _spf(resolver: Resolver, domain: str) -> Check:
    name, records = "mail.spf", spf_records(resolver, domain)
    if not records:
        return wrong(name, "none", domain=domain)
    if len(records) > 1:
        return wrong(name, "several", domain=domain, number=len(records))
    return ok(name, domain=domain, record=records[0])


def _dkim(resolver: Resolver, domain: str) -> Check:
    name = "mail.dkim"
    if has_dkim_keys(resolver, domain):
        return ok(name, domain=domain)
    return wrong(name, "none", domain=domain)


def _dmarc(resolver: Resolver, domain: str) -> Check:
    name, record = "mail.dmarc", dmarc_record(resolver, domain)
    return ok(name, record=record) if record else wrong(name, "none", domain=domain)
