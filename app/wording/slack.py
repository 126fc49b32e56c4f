"""What the team reads in Slack: a fallback text and blocks, CRM text only as plain text."""

from collections.abc import Mapping
from typing import Any

from app.language import say
from app.wording.plain import one_line

# https://docs.slack.dev/reference/block-kit/blocks/header-block/ and section-block
LONGEST_HEADER = 150
LONGEST_SECTION = 3_000
LONGEST_FIELD = 2_000
LONGEST_NAME = 200
LONGEST_URL = 3_000

Message = tuple[str, list[dict[str, Any]]]


def accepted(context: Mapping[str, Any], language: str) -> Message:
    """*Accepted, payment method awaited*: the notification's text and the blocks.

    Told late, it says nothing of a method that has come since. `context` is as
    `app.wording.mails.render` takes it.
    """
    awaited = context.get("money_status", "") in ("", "awaiting_method")
    return _message("accepted" if awaited else "accepted_before", context, language)


def paid(context: Mapping[str, Any], language: str) -> Message:
    """*Subscribed / paid*: the first money of an accepted proposal arrived. As `accepted`.

    `by_credit`: the customer's credit settled the whole invoice, and no money came.
    """
    kind = "subscribed" if context.get("recurring") else "paid"
    return _message(f"{kind}_by_credit" if context.get("by_credit") else kind, context, language)


def happened(event: str, context: Mapping[str, Any], language: str) -> Message:
    """Any other event (*sent*, *declined*, *failed*, *renewal_failed*). As `accepted`."""
    return _message(event, context, language)


def _message(kind: str, context: Mapping[str, Any], language: str) -> Message:
    values = {
        name: one_line(context.get(name) or "", LONGEST_NAME)
        for name in ("number", "deal_name", "due_now", "recurring", "rep_name", "invoice_number")
    }
    values["customer"] = one_line(
        context.get("company_name")
        or context.get("recipient_name")
        or context.get("recipient_email")
        or "",
        LONGEST_NAME,
    )
    title = say(language, f"slack.{kind}", **values)
    names = ("customer", "deal_name", "due_now", "recurring", "number", "rep_name")
    facts = [(say(language, f"slack.fact.{name}"), values[name]) for name in names if values[name]]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(title, LONGEST_HEADER)},
        {
            "type": "section",
            "fields": [_plain(f"{label}\n{value}", LONGEST_FIELD) for label, value in facts],
        },
    ]
    blocks += _button(language, context)
    summary = one_line(f"{title} ({values['due_now']})", LONGEST_SECTION)
    return escape(summary), blocks


def escape(text: str) -> str:
    """Make text literal in the notification, which Slack reads as markup.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, longest: int) -> dict[str, Any]:
    shown = text if len(text) <= longest else text[: longest - 1] + "…"
    return {"type": "plain_text", "text": shown, "emoji": False}


def _button(language: str, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A button that opens the deal; a button with a URL needs no endpoint of ours."""
    url = str(context.get("deal_url") or "")
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL:
        return []
    words = _plain(say(language, "slack.open_deal"), 75)
    button = {"type": "button", "text": words, "url": url, "action_id": "open_deal"}
    return [{"type": "actions", "elements": [button]}]
