"""Stripe's webhooks: check the signature on the raw bytes, insert one row, answer 2xx."""

import time
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from app.accounts.connections import open_secrets
from app.accounts.stripe_endpoint import accepted_secrets
from app.billing.stripe_inbox import Source, store_event
from app.db import EVERY_TENANT
from app.errors import AppError, NotFoundError
from app.logs import get_logger
from app.metrics.counts import webhooks
from app.models import Connection
from app.patience import answered_within
from app.providers.stripe.signature import verify
from app.seal import SealError
from app.trail import note
from app.web.auth import open_to
from app.web.body import parsed, raw_body
from app.web.limits import count_forgery
from app.web.runtime import runtime

log = get_logger(__name__)
blueprint = Blueprint("webhooks", __name__)
LARGEST_BODY = 1024 * 1024
# Stripe is answered within two seconds, whatever the database does.
PATIENCE_SECONDS = 1.2
DOOR_LIFE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Door:
    """A connection with its secrets opened, kept in memory for half a minute."""

    source: Source
    secrets: tuple[str, ...]
    opened_at: float


_doors: dict[str, Door] = {}


@blueprint.post("/webhooks/stripe/<public_id>")
@open_to("signed Stripe")
def stripe(public_id: str) -> Response:
    """Store a well signed event once and answer 200, whatever it is about."""
    body = raw_body(LARGEST_BODY)
    with answered_within(PATIENCE_SECONDS):
        return _stored(public_id, body)


@blueprint.post("/webhooks/stripe")
@open_to("signed Stripe")
def stripe_platform() -> Response:
    """Store an event of a connected account for the tenant it is bound to, and answer 200.

    https://docs.stripe.com/connect/webhooks
    """
    body = raw_body(LARGEST_BODY)
    with answered_within(PATIENCE_SECONDS):
        return _routed(body)


def _routed(body: bytes) -> Response:
    secrets = runtime().settings.platform_webhook_secrets
    if not secrets:
        raise _no_door()
    if not verify(request.headers.get("Stripe-Signature"), body, secrets, time.time()):
        raise _forged()
    text, event = _event(body)
    source = _source_of(event.get("account"))
    if source is None:
        # No tenant has it, so no row can: https://docs.stripe.com/api/events keeps it for 30 days.
        log.info("an event of an account that is bound to nobody", stripe_event=event["id"])
        return Response(status=200)
    return _kept(source, text, event)


def _source_of(account: object) -> Source | None:
    """The tenant that a connected account is bound to."""
    if not isinstance(account, str):
        return None  # an event of the platform itself
    with runtime().database.reading(EVERY_TENANT) as session:
        bound = select(Connection).where(Connection.platform_account == account)
        row = session.scalars(bound).first()
    if row is None:
        return None
    gone = "deauthorized_at" in row.details
    return Source(row.tenant_id, row.public_id, row.account_id, row.livemode, disconnected=gone)


def _stored(public_id: str, body: bytes) -> Response:
    door = _verified(public_id, body, request.headers.get("Stripe-Signature"))
    text, event = _event(body)
    return _kept(door.source, text, event)


def _kept(source: Source, text: str, event: dict[str, Any]) -> Response:
    note(tenant=source.tenant_id)
    if store_event(runtime().database, source, event, text):
        runtime().bell.ring()
    return Response(status=200)


def _verified(public_id: str, body: bytes, header: str | None) -> Door:
    """The connection whose secret made this signature; on a mismatch its secrets are read again."""
    known = _doors.get(public_id)
    now = time.time()
    if (
        known
        and now - known.opened_at < DOOR_LIFE_SECONDS
        and verify(header, body, known.secrets, now)
    ):
        return known
    door = _doors[public_id] = _open(public_id, now)
    if not verify(header, body, door.secrets, now):
        raise _forged()
    return door


def _forged() -> AppError:
    webhooks.labels("stripe", "refused").inc()
    count_forgery()
    return AppError("bad_signature", "The signature is missing, wrong or too old.")


def _no_door() -> AppError:
    count_forgery()
    return NotFoundError("no_such_door", "There is no such webhook address.")


def _open(public_id: str, now: float) -> Door:
    with runtime().database.reading(EVERY_TENANT) as session:
        connection = session.scalars(
            select(Connection).where(
                Connection.public_id == public_id, Connection.provider == "stripe"
            )
        ).first()
    accepted = accepted_secrets(_opened(connection), now) if connection else ()
    if connection is None or not accepted:
        raise _no_door()
    source = Source(connection.tenant_id, public_id, connection.account_id, connection.livemode)
    return Door(source, accepted, now)


def _opened(connection: Connection) -> dict[str, Any]:
    """Nothing is known of what no key opens: Stripe asks again for days, and may be answered."""
    try:
        return open_secrets(runtime().sealer, connection) if connection.sealed else {}
    except SealError as error:
        words = "The secret of this address cannot be opened."
        raise AppError("unopened", words, status=503) from error


def _event(body: bytes) -> tuple[str, dict[str, Any]]:
    """The event as text, to be stored, and parsed."""
    try:
        text, event = parsed(body)
        if event["id"].isprintable() and event["type"].isprintable():
            return text, dict(event)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise AppError("not_an_event", "The body is not a Stripe event.")
