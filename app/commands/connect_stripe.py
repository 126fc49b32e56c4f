"""`connect-stripe --tenant HUBID --account acct_...`: bind an account that our platform reaches.

Only whoever runs the server may: the platform's key works on every account that let it in, so a
seller who named an account would prove nothing. 0: bound; 2: refused, and nothing was done.
"""

from argparse import Namespace

from app.accounts.connect_platform import bind_stripe
from app.audit import Who
from app.commands._database import get_tenant, start_on_database
from app.commands._words import Typed, number, person_here, reader_language
from app.language import say
from app.runtime import Runtime


def run(words: list[str]) -> int:
    language = reader_language()
    typed = Typed(say(language, "command.connect_stripe_usage"))
    typed.add_argument("--tenant", type=number, required=True)
    typed.add_argument("--account", type=_account, required=True)
    typed.add_argument("--confirm", action="store_true")
    asked = typed.parse_args(words)
    connect_stripe(start_on_database(), asked, language)
    return 0


def connect_stripe(runtime: Runtime, asked: Namespace, language: str) -> None:
    """The command in a runtime. Raises `AppError`."""
    tenant = get_tenant(runtime.database, asked.tenant, language)
    who = Who(f"{person_here()} (./propale)")
    name = bind_stripe(
        runtime, tenant.id, asked.account, language, who=who, confirmed=asked.confirm
    )
    url = f"{runtime.settings.public_url}/webhooks/stripe"
    values = {"account": asked.account, "name": name, "hub_id": tenant.hub_id, "url": url}
    print(say(language, "command.connect_stripe_done", **values))


def _account(text: str) -> str:
    if not text.startswith("acct_"):
        raise ValueError(text)
    return text
