"""What people do when something stands still: look, send again, drop, reconcile, connect again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from app.accounts.choose_channel import choose_channel
from app.accounts.connect_slack import connect_slack
from app.accounts.mail_test import ask_for_test_mail
from app.accounts.slack_app import exchange_code
from app.audit import US
from app.errors import AppError, FailureKind, ProviderError
from app.reconcile.differences import Kind
from app.reconcile.tenant import reconcile_tenant
from app.settings import Secret
from app.stuck.decide import Person, drop, send_again
from app.stuck.rows import Which
from sandbox.slack.teams import channels, tokens
from tests.faults.acts import money
from tests.faults.stage import Stage
from tests.support.house import House
from tests.support.lost import list_as_lost

WHO = Person("tests", "the channel is mended", "fr")


def refuse_post(stage: Stage) -> None:
    """Slack says of the next message that it will never take it."""
    refusal = {"ok": False, "error": "invalid_blocks"}
    stage.house.fail("slack", path="/api/chat.postMessage", status=200, body=refusal)


def send_dead_again(house: House) -> bool:
    for letter in house.messages(status="dead"):
        try:
            send_again(house.runtime.database, [letter.id], Which(), WHO)
        except AppError:
            return False
    return True


def drop_dead(house: House) -> bool:
    for letter in house.messages(status="dead"):
        drop(house.runtime.database, letter.id, WHO)
    return True


def enter_unheard(stage: Stage) -> None:
    """She pays, and Stripe gives up telling us of it."""
    before = {event["id"] for event in stage.house.events()}
    stage.house.enter(money(stage.house), "card_ok")
    for event in stage.house.events():
        if event["id"] not in before:
            stage.carried.add(str(event["id"]))
            list_as_lost(stage.house, event)


def reconcile(house: House) -> bool:
    """`reconcile --repair`, again as long as a vendor's book could not be read."""
    found = list(reconcile_tenant(house.runtime, house.tenant_id, repair=True))
    return all(one.difference.kind is not Kind.UNREAD for one in found)


def revoke_slack(stage: Stage) -> None:
    """The workspace's admin takes our token back."""
    known = tokens(stage.house.sandbox.world)
    token = stage.house.account.slack_token
    known[token] = {**known[token], "scopes": None}


def allow_slack(stage: Stage) -> None:
    """The workspace's admin installs the bot again."""
    known = tokens(stage.house.sandbox.world)
    token = stage.house.account.slack_token
    [other] = [kept for key, kept in known.items() if key != token]
    known[token] = {**known[token], "scopes": other["scopes"]}


def archive_channel(stage: Stage) -> None:
    """Somebody in the team archives the channel that messages go to."""
    _set_archived(stage, archived=True)


def open_channel(stage: Stage) -> None:
    _set_archived(stage, archived=False)


def _set_archived(stage: Stage, *, archived: bool) -> None:
    table = channels(stage.house.sandbox.world, stage.house.account.team)
    table["C0VENTES"] = {**table["C0VENTES"], "is_archived": archived}


def choose_channel_again(house: House) -> bool:
    try:
        choose_channel(house.runtime, house.tenant_id, "#ventes", "fr", who=US)
    except AppError:
        return False  # its sentence says what Slack refused; she tries once more
    return True


def add_with_old_secret(house: House) -> bool:
    """She allows the bot while a web process still has the secret that Slack knows no more."""
    old = replace(house.runtime.settings, slack_client_secret=Secret("of-before"))
    try:
        exchange_code(replace(house.runtime, settings=old), house.tenant_id, "any")
    except ProviderError as error:
        return error.kind is FailureKind.CONFIGURATION
    return False


def mail_herself(house: House) -> bool:
    """A colleague asks for a test mail; a second click within the minute changes nothing."""
    with suppress(AppError):
        ask_for_test_mail(house.runtime, house.tenant_id, 7001, "dana@maison.example", "fr")
    return True


def connect_slack_again(house: House) -> bool:
    token = house.account.slack_token
    try:
        connect_slack(house.runtime, house.tenant_id, token, "fr", who=US)
    except AppError:
        return False  # its sentence says what Slack refused; she tries once more
    return True
