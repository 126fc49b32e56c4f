"""Who is told of what: one rule for each event, all saved together."""

from app.accounts.channels import kept_channels
from app.accounts.notices import DEFAULTS, IN_SLACK, Rule, all_rules, change_rules
from app.accounts.preferences.form import Form
from app.addresses import is_address
from app.audit import Who, audit_changes
from app.db import ScopedSession

MOST_ADDRESSES = 5


def save_rules(session: ScopedSession, form: Form, who: Who) -> None:
    """Save every event's rule as sent; raises `FormError`."""
    before = all_rules(session)
    known = {row.slack_channel_id for row in kept_channels(session) if row.is_member}
    rules = {event: _rule(form, event, known | {before[event].channel_id}) for event in DEFAULTS}
    form.finish()
    audit_changes(session, who, "preferences.changed", _said(before), _said(rules))
    change_rules(session, rules)


def _rule(form: Form, event: str, channels: set[str]) -> Rule:
    in_slack = event in IN_SLACK
    return Rule(
        to_rep=form.is_ticked(f"told.{event}.rep"),
        to_owner=form.is_ticked(f"told.{event}.owner"),
        others=_addresses(form, f"told.{event}.others"),
        to_slack=in_slack and form.is_ticked(f"told.{event}.slack"),
        channel_id=form.choice(f"told.{event}.channel", {"", *channels}) if in_slack else "",
    )


def _addresses(form: Form, name: str) -> tuple[str, ...]:
    """Addresses with commas or spaces between them."""
    found = form.text(name, 1_000).replace(",", " ").replace(";", " ").split()
    if len(found) > MOST_ADDRESSES:
        form.refuse(name, "too_many_addresses", most=MOST_ADDRESSES)
    for wrong in (one for one in found if not is_address(one)):
        form.refuse(name, "addresses", wrong=wrong)
    return tuple(dict.fromkeys(found))


def _said(rules: dict[str, Rule]) -> dict[str, str]:
    """Each rule as a person reads it in the audit log."""
    return {f"told.{event}": _words(rule) for event, rule in rules.items()}


def _words(rule: Rule) -> str:
    told = ["rep"] * rule.to_rep + ["owner"] * rule.to_owner + list(rule.others)
    return ", ".join(told + [f"Slack {rule.channel_id}".strip()] * rule.to_slack)
