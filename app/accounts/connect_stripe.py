"""Connecting Stripe: a key counts only after calls with it, one for each permission it needs."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.accounts.connections import get_connection, open_secrets, secrets_before
from app.accounts.proven import Proven, begin, store_over
from app.accounts.stripe_endpoint import place_endpoint, remove_doubles, take_back
from app.accounts.stripe_standing import judge, lacking_words
from app.audit import Who
from app.billing.ladder import MoneyStatus
from app.clock import wall_now
from app.errors import AppError, ProviderError
from app.language import say
from app.models import Connection, Purchase, Tenant
from app.reasons import reason_of
from app.runtime import Runtime

if TYPE_CHECKING:
    from app.providers.stripe.answers import Account
    from app.providers.stripe.billing import StripeBilling

# The beginning says which kind of key it is and its mode: https://docs.stripe.com/keys
RESTRICTED_KEY = re.compile(r"rk_(live|test)_\w+", re.ASCII)
OVER = (MoneyStatus.CANCELLED, MoneyStatus.REFUNDED)


def connect_stripe(
    runtime: Runtime,
    tenant_id: int,
    key: str,
    language: str,
    *,
    who: Who,
    confirmed: bool = False,
) -> None:
    """Try the key, have our webhook endpoint on its account, keep key and secret.

    `confirmed`: it may open another account than before, although that one holds open purchases.
    Raises `AppError` with one sentence where the key cannot be used.
    """
    from app.providers.stripe.billing import StripeBilling

    connection = begin(runtime, tenant_id, "stripe")
    _look_at(runtime, tenant_id, key, language)
    base = runtime.settings.stripe_api_base
    stripe = StripeBilling(key, base)
    old = secrets_before(runtime.sealer, connection)
    url = endpoint_url(runtime, connection)
    with refusals(language):
        lacking = stripe.lacking_permissions()
        _refuse_lesser(connection, lacking, language)
        account = stripe.retrieve_account()
        if not confirmed:
            refuse_other_account(runtime, connection, account, language)
        methods = told_methods(stripe, lacking)
        refuse_no_methods(methods, language)
        endpoint = place_endpoint(stripe, url, old)
    details = {**_dates(connection, account), "lacking": lacking, "endpoint": "enabled", **methods}
    secrets = {"key": key, **endpoint}
    proven = Proven(account.id, account.name, account.livemode, secrets, details)
    if not _kept(runtime, connection, proven, language, who):
        with suppress(ProviderError):
            take_back(stripe, endpoint, old)
        _refuse_another_key(runtime, tenant_id, key, language)
        return
    with suppress(ProviderError):
        # Only now: until the new secret is stored, we accept the old endpoint's events only.
        remove_doubles(stripe, url, endpoint["endpoint_id"])
        if old.get("endpoint_id") not in (None, endpoint["endpoint_id"]):
            StripeBilling(old["key"], base).delete_webhook_endpoint(old["endpoint_id"])


def _kept(runtime: Runtime, seen: Connection, proven: Proven, language: str, who: Who) -> bool:
    """Store it, unless somebody connected Stripe since it was `seen`."""
    with runtime.database.writing(seen.tenant_id) as session:
        row = store_over(session, runtime, seen, proven, who)
        if row:
            judge(row, language)
    return row is not None


def _refuse_another_key(runtime: Runtime, tenant_id: int, key: str, language: str) -> None:
    """A button clicked twice is no error: the first click has done it."""
    with runtime.database.reading(tenant_id) as session:
        connection = get_connection(session, "stripe")
    if open_secrets(runtime.sealer, connection).get("key") != key:
        raise AppError("stripe_changed", say(language, "stripe.changed"))


def endpoint_url(runtime: Runtime, connection: Connection) -> str:
    """Where Stripe sends the events of this connection's account."""
    return f"{runtime.settings.public_url}/webhooks/stripe/{connection.public_id}"


@contextmanager
def refusals(language: str, key: str = "connect.stripe_refused") -> Iterator[None]:
    """What Stripe refuses inside the block, as one sentence; `key` says what came to nothing."""
    try:
        yield
    except ProviderError as error:
        sentence = say(language, key, reason=reason_of(error).said(language))
        raise AppError("stripe_refused", sentence) from error


def told_methods(stripe: "StripeBilling", lacking: Collection[str] = ()) -> dict[str, list[str]]:
    """The details' `methods`: those the account has switched on, if the key may ask for them."""
    if "payment_method_configuration_read" in lacking:
        return {}
    return {"methods": sorted(stripe.list_methods())}


def refuse_no_methods(told: Mapping[str, list[str]], language: str) -> None:
    """An account on which nobody could pay."""
    if told.get("methods") == []:
        raise AppError("no_methods", say(language, "connect.stripe_no_methods"))


def _look_at(runtime: Runtime, tenant_id: int, key: str, language: str) -> None:
    """Refuse by sight what is no restricted key, or one of the mode that this portal is not in."""
    kind = RESTRICTED_KEY.fullmatch(key)
    if kind is None:
        word = {"sk_": "full", "pk_": "public"}.get(key[:3], "shape")
        raise AppError(f"key_{word}", say(language, f"stripe.key_{word}"))
    refuse_other_mode(runtime, tenant_id, live=kind[1] == "live", language=language)


def refuse_other_mode(runtime: Runtime, tenant_id: int, *, live: bool, language: str) -> None:
    """A real portal sells for real, a test account never does."""
    with runtime.database.reading(tenant_id) as session:
        testing = session.get_one(Tenant, tenant_id).test_account
    if live is testing:
        word = "test" if testing else "live"
        raise AppError(f"mode_{word}", say(language, f"stripe.mode_{word}"))


def _refuse_lesser(connection: Connection, lacking: Mapping[str, str], language: str) -> None:
    """A key that lacks something is kept where there is none that works; it can be completed.

    Never one that cannot say whose it is or make our endpoint.
    """
    from app.providers.stripe.permissions import ESSENTIAL

    needed = {"accounts_kyc_basic_read", "webhook_write"}
    if connection.status == "connected":
        needed |= ESSENTIAL
    if needed & lacking.keys():
        rows = lacking_words(lacking, language)
        raise AppError("key_lacking", say(language, "stripe.key_lacking", rows=rows))


def refuse_other_account(
    runtime: Runtime, connection: Connection, account: "Account", language: str
) -> None:
    """Ask before leaving an account on which money is still under way."""
    if connection.account_id in ("", account.id):
        return
    open_purchases = select(func.count()).where(
        Purchase.tenant_id == connection.tenant_id, Purchase.status.not_in(OVER)
    )
    with runtime.database.reading(connection.tenant_id) as session:
        count = session.scalars(open_purchases).one()
    if count:
        names = {"old": connection.account_name or connection.account_id, "new": account.name}
        sentence = say(language, "stripe.other_account", count=count, **names)
        raise AppError("other_account", sentence, status=409)


def _dates(connection: Connection, account: "Account") -> dict[str, str]:
    now = wall_now().isoformat()
    same = connection.account_id == account.id
    since = connection.details.get("connected_at", now) if same else now
    return {"connected_at": since, "checked_at": now}
