"""The stories whose every schedule is played: which acts follow each other."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.acts import (
    AGAIN,
    BACK,
    CARD,
    DEBIT,
    INSTALL,
    SEND,
    SEND_MIXED,
    SEND_ONCE,
    Act,
    accept_by,
    an_hour,
    cancel,
    click_on,
    confirm,
    decline,
    enter,
    entered,
    give_balance,
    keep_a_month,
    later,
    leave,
    leave_team,
    lessen_grant,
    look_at,
    old_token,
    open_invoice,
    remove_properties,
    take_balance,
    tell_team_all,
    twin_customer,
    uninstall,
    withdraw,
)
from tests.faults.mending import (
    add_with_old_secret,
    allow_slack,
    archive_channel,
    choose_channel_again,
    connect_slack_again,
    drop_dead,
    enter_unheard,
    mail_herself,
    open_channel,
    reconcile,
    refuse_post,
    revoke_slack,
    send_dead_again,
)
from tests.faults.stage import Request


@dataclass(frozen=True)
class Story:
    """`before` is played undisturbed; in `acts` everything is disturbed in every way."""

    name: str
    acts: tuple[Act, ...]
    before: tuple[Act, ...] = ()


STORIES = (
    Story("monthly", (SEND, CARD, entered("card_ok"), later(days=32))),
    Story("once", (CARD, entered("card_ok")), (SEND_ONCE,)),
    Story("mixed", (CARD, entered("card_ok")), (SEND_MIXED,)),
    Story("returning", (Act("come back", (BACK,), enter("card_ok")),), (SEND, CARD)),
    Story("declined", (entered("card_declined"), AGAIN, entered("card_ok")), (SEND, CARD)),
    Story(
        "declined once", (entered("card_declined"), AGAIN, entered("card_ok")), (SEND_ONCE, CARD)
    ),
    Story(
        "asked",
        (
            entered("card_3ds_at_charge"),
            Act("open invoice", (Request("open invoice", open_invoice),), an_hour),
            Act("confirm", (), confirm),
        ),
        (SEND, CARD),
    ),
    Story("debit", (entered("sepa_ok"), later(days=6)), (SEND_ONCE, DEBIT)),
    Story("debit bounces", (entered("sepa_bounces"), later(days=6)), (SEND, DEBIT)),
    Story("held", (entered("card_ok"),), (SEND, CARD, Act("credit", (), give_balance))),
    Story(
        "held, then paid",
        (AGAIN, entered("card_ok")),
        (
            *(SEND_ONCE, CARD, Act("credit", (), give_balance), entered("card_ok")),
            Act("no credit", (), take_balance),
        ),
    ),
    Story("renewal fails", (later(days=32),), (SEND, CARD, entered("card_fails_later"))),
    Story(
        "lapsed",
        (AGAIN, entered("card_ok")),
        (SEND, CARD, entered("card_declined"), later(hours=24)),
    ),
    Story("cancelled", (Act("cancel", (), cancel),), (SEND, CARD, entered("card_ok"))),
    Story("reminded", (later(hours=1, minutes=1), later(hours=24)), (SEND, CARD)),
    Story(
        "night",
        (later(days=1),),
        (SEND, CARD, entered("card_ok"), later(hours=1), Act("twin", (), twin_customer)),
    ),
    Story("expired", (later(days=40),), (SEND,)),
    Story("withdrawn", (Act("withdraw", (Request("withdraw", withdraw),)),), (SEND,)),
    Story("refused", (Act("decline", (Request("decline", decline),)),), (SEND,)),
    Story("old token", (Act("send", (look_at("5101"), click_on("5101")), old_token),)),
    Story("installed", (Act("install", (INSTALL,), remove_properties),)),
    Story(
        "connected again",
        (
            Act("accept", (accept_by("card"),), uninstall),
            Act("install", (INSTALL,)),
        ),
        (SEND,),
    ),
    Story(
        "sent again",
        (Act("send again", (Request("send again", send_dead_again),)),),
        (SEND, Act("accept", (accept_by("card"),), refuse_post)),
    ),
    Story(
        "dropped",
        (Act("drop", (Request("drop", drop_dead),)),),
        (SEND, Act("accept", (accept_by("card"),), refuse_post)),
    ),
    Story(
        "found missing",
        (Act("reconcile", (Request("reconcile", reconcile),), enter_unheard),),
        (SEND, CARD),
    ),
    Story(
        "channel opened again",
        (
            Act("accept", (accept_by("card"),), archive_channel),
            Act("choose", (Request("choose", choose_channel_again),), open_channel),
        ),
        (SEND,),
    ),
    Story(
        "told of all",
        (SEND_ONCE, Act("decline", (Request("decline", decline),))),
        (Act("prefer", (), tell_team_all),),
    ),
    Story(
        "told of failures",
        (entered("card_declined"),),
        (Act("prefer", (), tell_team_all), SEND, CARD),
    ),
    Story(
        "told of renewals",
        (later(days=32),),
        (Act("prefer", (), tell_team_all), SEND, CARD, entered("card_fails_later")),
    ),
    Story("left", (Act("leave", (Request("leave", leave),)),)),
    Story("left Slack", (Act("leave", (Request("leave Slack", leave_team),)),)),
    Story(
        "erasure announced",
        (later(hours=1),),
        (Act("prefer", (), keep_a_month), Act("leave", (Request("leave", leave),))),
    ),
    Story(
        "erased",
        (later(days=31),),
        (
            Act("prefer", (), keep_a_month),
            Act("leave", (Request("leave", leave),)),
            later(hours=1),
        ),
    ),
    Story(
        "fewer scopes",
        (Act("withdraw", (Request("withdraw", withdraw),), lessen_grant),),
        (SEND,),
    ),
    Story("test mail", (Act("ask", (Request("test mail", mail_herself),)),)),
    Story("Slack refuses us", (Act("add", (Request("add to Slack", add_with_old_secret),)),)),
    Story(
        "Slack connected again",
        (
            Act("accept", (accept_by("card"),), revoke_slack),
            Act("connect", (Request("connect", connect_slack_again),), allow_slack),
        ),
        (SEND,),
    ),
)
