"""Every kind of message and who works it."""

from collections.abc import Mapping

from app.accounts.scopes import lack_scope
from app.wording.mails import SHAPES
from workers.handler import Handler
from workers.handlers import (
    email,
    email_test,
    hubspot_create_properties,
    hubspot_leave,
    hubspot_prepare_proposal,
    hubspot_read_stages,
    hubspot_sync_deal,
    inbox_stripe,
    reconcile,
    slack,
    slack_leave,
    slack_read_channels,
    slack_try_app,
    stripe_check_proposal,
    stripe_leave,
    stripe_open_page,
    stripe_read_invoice,
    stripe_start_billing,
)
from workers.handlers.while_installed import while_installed

HUBSPOT = {
    "hubspot.create_properties": hubspot_create_properties,
    "hubspot.read_stages": hubspot_read_stages,
    "hubspot.sync_deal": hubspot_sync_deal,
}
HANDLERS: Mapping[str, Handler] = {
    **{
        kind: Handler(while_installed(told.work), told.when_dead, when_blocked=lack_scope)
        for kind, told in HUBSPOT.items()
    },
    "hubspot.prepare_proposal": Handler(
        hubspot_prepare_proposal.work, hubspot_prepare_proposal.when_dead, when_blocked=lack_scope
    ),
    "hubspot.leave": Handler(hubspot_leave.work, hubspot_leave.when_dead),
    "stripe.check_proposal": Handler(stripe_check_proposal.work, stripe_check_proposal.when_dead),
    "stripe.open_page": Handler(stripe_open_page.work, stripe_open_page.when_dead),
    "stripe.read_invoice": Handler(stripe_read_invoice.work, stripe_read_invoice.when_dead),
    "stripe.start_billing": Handler(stripe_start_billing.work, stripe_start_billing.when_dead),
    "stripe.leave": Handler(stripe_leave.work),
    "inbox.stripe": Handler(inbox_stripe.work, inbox_stripe.when_dead),
    **{
        f"{vendor}.reconcile": Handler(
            reconcile.work, reconcile.when_dead, reconcile.SECONDS, lack_scope
        )
        for vendor in reconcile.BOOKS
    },
    "slack.read_channels": Handler(slack_read_channels.work),
    "slack.try_app": Handler(slack_try_app.work),
    "slack.leave": Handler(slack_leave.work, slack_leave.when_dead),
    **{
        f"slack.{event}": Handler(slack.work, slack.when_dead, when_blocked=slack.when_blocked)
        for event in slack.WORDS
    },
    **{f"email.{name}": Handler(email.work, email.when_dead) for name in SHAPES},
    "email.test": Handler(email_test.work, email_test.when_dead),
}
