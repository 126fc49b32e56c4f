"""The walk through docs/going-live.md: which steps there are, and what each looks at."""

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from app.doctor import queue, server
from app.doctor.address import look_at_address
from app.doctor.check import Check
from app.doctor.connections import look_at_connections
from app.doctor.hubspot import look_at_hubspot
from app.doctor.mail import look_at_mail
from app.doctor.readiness import look_at_first, look_at_preferences
from app.doctor.secrets import look_at_secrets
from app.doctor.slack import look_at_app
from app.doctor.workers import look_at_workers
from app.runtime import Runtime
from app.settings import Settings

Look = Callable[[Runtime], Iterable[Check]]


def look_at_server(runtime: Runtime) -> Iterator[Check]:
    """What the server needs besides settings and database."""
    settings = runtime.settings
    yield from queue.look_at_redis(settings.redis_url)
    yield queue.compare_clocks(queue.read_clocks(runtime.database, settings.redis_url))
    yield server.look_at_python()
    yield server.look_at_disk(settings.data_dir)


def look_at_vendors(runtime: Runtime, *, language: str) -> Iterator[Check]:
    """Our own Slack app, and what each account has connected."""
    yield look_at_app(runtime.settings)
    yield from look_at_connections(runtime, language)


FIRST = "server"
STEPS = (
    *(FIRST, "secrets", "address", "workers", "mail", "hubspot"),
    *("connections", "preferences", "first"),
)


def walk(
    asked: Collection[str],
    *,
    mail_to: str = "",
    language: str = "en",
    read: Callable[[], Settings] = Settings.from_env,
) -> Iterator[tuple[str, list[Check]]]:
    """Each step that was asked for, with what was found, as soon as it is known.

    A test mail goes to `mail_to`, in that language. The first step comes whatever was asked where
    its ground is not well: then no other can be looked at, and each of them has no checks.
    """
    runtime, ground = server.look_at_ground(read)
    looks: dict[str, Look] = {
        FIRST: look_at_server,
        "secrets": look_at_secrets,
        "address": look_at_address,
        "workers": look_at_workers,
        "mail": partial(look_at_mail, to=mail_to, language=language),
        "hubspot": look_at_hubspot,
        "connections": partial(look_at_vendors, language=language),
        "preferences": look_at_preferences,
        "first": look_at_first,
    }
    for step in STEPS:
        if step == FIRST and (step in asked or runtime is None):
            yield step, [*ground, *(looks[step](runtime) if runtime else ())]
        elif step in asked:
            yield step, list(looks[step](runtime)) if runtime else []
