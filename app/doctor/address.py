"""The public address: HTTPS as browsers and vendors want it, and the proxies in front of us."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from app.clock import wall_now
from app.doctor.check import Check, ok, unseen, wrong
from app.hubspot_signature import sign, signed_uri
from app.providers.public_address import Answer, UnreachableError, ask, certificate_end
from app.runtime import Runtime
from app.settings import Settings

SOON = timedelta(days=14)
# An address of nobody, which a visitor could claim as her own: RFC 5737.
CLAIMED = "192.0.2.123"


def look_at_address(runtime: Runtime) -> Iterator[Check]:
    """What comes first must be well for the rest to be looked at."""
    settings = runtime.settings
    yield (reached := look_at_https(settings.public_url))
    if reached.is_wrong:
        return
    yield look_at_certificate(settings.public_url)
    yield look_at_redirect(settings.public_url)
    yield from look_at_signed_call(settings)


def look_at_https(public_url: str) -> Check:
    """HTTPS is trusted, and it is us who answer."""
    name = "address.https"
    try:
        answer = ask(f"{public_url}/healthz")
    except UnreachableError as error:
        return wrong(name, error.why, url=public_url, words=error.words)
    if answer.data != {"status": "ok"}:
        return wrong(name, "somebody_else", url=public_url, status=answer.status)
    return ok(name, url=public_url)


def look_at_certificate(public_url: str) -> Check:
    """It does not end within days: whoever renews it has two weeks to notice that it did not."""
    name = "address.certificate"
    try:
        left = certificate_end(public_url) - wall_now()
    except OSError as error:
        return unseen(name, "unseen", words=str(error))
    values = {"days": left.days}
    return ok(name, **values) if left > SOON else wrong(name, "ends", **values)


def look_at_redirect(public_url: str) -> Check:
    """Whoever types the address without https is led to it."""
    name, parts = "address.redirect", urlsplit(public_url)
    if parts.port:
        return unseen(name, "own_port", port=parts.port)
    return look_at_plain(f"http://{parts.netloc}/")


def look_at_plain(url: str) -> Check:
    name = "address.redirect"
    try:
        answer = ask(url)
    except UnreachableError:
        return unseen(name, "closed", url=url)
    led = answer.location.startswith("https://")
    return ok(name, url=url) if led else wrong(name, "plain", url=url)


def look_at_signed_call(settings: Settings) -> Iterator[Check]:
    """A signed call arrives as it was sent, and the visitor's address with it."""
    name = "address.signature"
    try:
        answer = _ask_signed(settings)
    except UnreachableError as error:
        yield wrong(name, "silent", words=error.words)
        return
    if answer.status != HTTPStatus.OK:
        refused = answer.status == HTTPStatus.UNAUTHORIZED
        yield wrong(name, "refused" if refused else "failed", status=answer.status)
        return
    yield ok(name)
    yield judge_proxies(answer.data)


def judge_proxies(data: Mapping[str, Any]) -> Check:
    """Whether the address that web takes is the visitor's own, and not one that she claims.

    `passed` is the list that the proxies passed on, the nearest proxy's word last. We claimed an
    address ourselves: what stands behind it was added on the way, by one proxy each.
    """
    name, passed = "address.proxies", data.get("passed", [])
    right = len(passed) - (passed[:1] == [CLAIMED])
    if not right:
        return wrong(name, "nothing_passed")
    trusted = data.get("trusted")
    values = {"trusted": trusted, "right": right, "taken": data.get("taken", "")}
    return ok(name, **values) if trusted == right else wrong(name, "number", **values)


def _ask_signed(settings: Settings) -> Answer:
    """Ask as HubSpot would, with an escaped `@` in the address: some proxies rewrite it."""
    person = quote(settings.mail_from or "doctor@propale.example", safe="")
    identity = f"userId=0&portalId=0&userEmail={person}&appId={settings.hubspot_app_id}"
    target, at = f"/api/card/reached?{identity}", str(int(wall_now().timestamp() * 1000))
    uri = signed_uri(settings.public_url, target)
    headers = {
        "X-HubSpot-Signature-v3": sign(settings.hubspot_secrets[0], "GET", uri, b"", at),
        "X-HubSpot-Request-Timestamp": at,
        "X-Forwarded-For": CLAIMED,
    }
    return ask(f"{settings.public_url}{target}", headers)
