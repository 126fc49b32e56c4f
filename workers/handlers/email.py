"""Sends mail: to the customer, to the rep, to the tenant's owner."""

import hashlib
from collections.abc import Mapping
from typing import Any

from app.accounts.channels import lost_channels, trouble_of
from app.accounts.clients import mailer
from app.accounts.leaving import has_left
from app.accounts.mail_test import find_mail_test
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed, Ignored
from app.models import Preferences, Proposal, Tenant
from app.proposals.problems import note_problem
from app.proposals.request import rep_language
from app.providers.mail_message import Mail
from app.reasons import Reason
from app.reconcile.points import points, server_lines
from app.runtime import Runtime
from app.wording.mails import SHAPES, Shape, render
from workers.handler import Effect, nothing_more
from workers.handlers.facts import proposal_facts
from workers.handlers.held import refuse_unless_held
from workers.handlers.invoice_papers import Papers, fetch_papers
from workers.handlers.truth import is_still_lost, is_still_true

NO_PAPERS = Papers((), {})
NO_LONGER_SO = "what it would say is no longer so"


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `proposal_id` in every mail to the customer or the rep.

    In a copy of a mail to the rep: also `copy_to`, the address of whoever gets it instead. About an
    invoice: also `invoice_id`, `invoice_number`, `invoice_minor` (its total) and `paid_minor` (what
    was received for it), both in the proposal's currency, and `reason`, the bank's words ("" for
    none). `rep_held`: also `reason`, `stripe_minor` (None: no sum differed). `owner_reconnect`:
    only `provider`. `owner_channel`: only `channel_id`, as Slack has it. `owner_differences`: only
    `differences`, as `app.reconcile.telling` keeps them, and `more`, the number of those it left
    out.
    """
    name = message.kind.removeprefix("email.")
    shape = SHAPES[name]
    with runtime.database.reading(message.tenant_id) as session:
        facts = _facts(session, runtime, message, shape)
        preferences = session.get_one(Preferences, message.tenant_id)
    papers = fetch_papers(runtime, message, facts) if name == "invoice_paid" else NO_PAPERS
    words = render(name, facts["language"], facts | dict(papers.facts))
    if not facts["to"]:
        raise Ignored("nobody has an address for this mail")
    refuse_unless_held(runtime, message)
    mailer(runtime).send(
        Mail(
            to=facts["to"],
            to_name=facts["to_name"],
            sender=runtime.settings.mail_from,
            sender_name=preferences.sender_name or preferences.seller_name,
            reply_to=_reply_to(facts, preferences, shape),
            subject=words.subject,
            text=words.text,
            html=words.html,
            message_id=_message_id(message, runtime.settings.mail_from),
            language=facts["language"],
            attachments=papers.attached,
            logo=facts.get("logo", b"") if shape.reader == "customer" else b"",
        )
    )
    return nothing_more


def _facts(
    session: ScopedSession, runtime: Runtime, message: Claimed, shape: Shape
) -> dict[str, Any]:
    if shape.reader == "owner":
        return _owner_facts(session, runtime, message)
    if shape.reader == "colleague":
        return _colleague_facts(session, runtime, message)
    proposal_id = message.payload["proposal_id"]
    if not is_still_true(session, shape, proposal_id, runtime.clock.now()):
        raise Ignored(NO_LONGER_SO)
    facts = proposal_facts(session, runtime, message.payload, for_rep=shape.reader == "rep")
    customer = shape.reader == "customer"
    facts["to"] = facts["recipient_email"] if customer else facts["rep_email"]
    facts["to_name"] = facts["recipient_name"] if customer else facts["rep_name"]
    if "copy_to" in message.payload:
        facts["to"], facts["to_name"], facts["rep_name"] = message.payload["copy_to"], "", ""
    return facts


def _colleague_facts(session: ScopedSession, runtime: Runtime, message: Claimed) -> dict[str, Any]:
    """Facts for the test mail that a colleague sends to herself; only the last one counts."""
    test = find_mail_test(session, message.payload["user_id"])
    if test is None or test.number != message.payload["number"]:
        raise Ignored(NO_LONGER_SO)
    preferences = session.get_one(Preferences, message.tenant_id)
    return {**_of_owner(runtime, preferences, ""), "to": test.user_email, "to_name": ""}


def _owner_facts(session: ScopedSession, runtime: Runtime, message: Claimed) -> dict[str, Any]:
    """Facts for the mail to the tenant, sent to the address where replies go."""
    provider = message.payload.get("provider", "")
    if provider and not is_still_lost(session, provider):
        raise Ignored(NO_LONGER_SO)
    if "left_by" in message.payload and not has_left(session):
        raise Ignored(NO_LONGER_SO)
    if "erase_on" in message.payload and not _will_be_erased(session):
        raise Ignored(NO_LONGER_SO)
    preferences = session.get_one(Preferences, message.tenant_id)
    facts = _of_owner(runtime, preferences, provider)
    facts["rep_name"] = message.payload.get("left_by", "")
    facts["valid_until"] = message.payload.get("erase_on", "")
    if "channel_id" in message.payload:
        facts |= _lost_channel(session, message.payload["channel_id"], preferences.language)
    return facts | _differences(session, runtime, message.payload, preferences.language)


def _will_be_erased(session: ScopedSession) -> bool:
    return session.get_one(Tenant, session.scope).erase_after is not None


def _of_owner(runtime: Runtime, preferences: Preferences, provider: str) -> dict[str, Any]:
    return {
        "language": preferences.language,
        "seller_name": preferences.seller_name,
        "provider": provider,
        "link": f"{runtime.settings.public_url}/connections",
        "to": preferences.reply_to,
        "to_name": preferences.seller_name,
        "rep_email": "",
    }


def _lost_channel(session: ScopedSession, slack_channel_id: str, language: str) -> dict[str, Any]:
    lost = {row.slack_channel_id: row for row in lost_channels(session)}
    if slack_channel_id not in lost:
        raise Ignored(NO_LONGER_SO)
    row = lost[slack_channel_id]
    return {"channel": f"#{row.name}", "reason": trouble_of(row).said(language)}


def _differences(
    session: ScopedSession, runtime: Runtime, payload: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """What reconciliation could not repair; nothing in other mails to the owner."""
    if "differences" not in payload:
        return {}
    more = payload["more"]
    return {
        "count": len(payload["differences"]) + more,
        "points": points(session, runtime.settings, payload, language),
        "more": say(language, "reconcile.more", number=more) if more else "",
        "server_lines": server_lines(session, payload),
    }


def _reply_to(facts: dict[str, Any], preferences: Preferences, shape: Shape) -> str:
    if shape.reader == "customer":
        return facts["rep_email"] or preferences.reply_to
    return preferences.reply_to


def _message_id(message: Claimed, mail_from: str) -> str:
    """The same for every try, so that mail programs can recognise a repeated mail."""
    digest = hashlib.sha256(message.operation_key.encode()).hexdigest()[:40]
    return f"<{digest}@{mail_from.rpartition('@')[2]}>"


def _reader(shape: Shape, proposal: Proposal) -> str:
    return proposal.recipient_email if shape.reader == "customer" else proposal.rep_email


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Say on the deal that the mail did not go out; the connections page needs no mail about it."""
    if "proposal_id" not in message.payload:
        return
    proposal = session.get_one(Proposal, message.payload["proposal_id"])
    shape = SHAPES[message.kind.removeprefix("email.")]
    words = say(
        rep_language(session, proposal),
        "card.mail_failed" if shape.only_offered else "card.told_nobody",
        number=proposal.number,
        email=message.payload.get("copy_to") or _reader(shape, proposal),
        reason=reason.said(rep_language(session, proposal)),
    )
    note_problem(session, proposal.deal_id, message, words)
