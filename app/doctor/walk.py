"""The walk through docs/going-live.md: which steps there are, and what each looks at."""

from collections.abc import Callable, Collection, Iterable, Iterator

from app.doctor import queue, server
from app.doctor.address import look_at_address
from app.doctor.check import Check
from app.doctor.secrets import look_at_secrets
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


FIRST = "server"
LOOKS: dict[str, Look] = {
    FIRST: look_at_server,
    "secrets": look_at_secrets,
    "address": look_at_address,
    "workers": look_at_workers,
}


def walk(
    asked: Collection[str], read: Callable[[], Settings] = Settings.from_env
) -> Iterator[tuple[str, list[Check]]]:
    """Each step that was asked for, with what was found, as soon as it is known.

    The first step comes whatever was asked where its ground is not well: then no other can be
    looked at, and each of them has no checks.
    """
    runtime, ground = server.look_at_ground(read)
    for step, look in LOOKS.items():
        if step == FIRST and (step in asked or runtime is None):
            yield step, [*ground, *(look(runtime) if runtime else ())]
        elif step in asked:
            yield step, list(look(runtime)) if runtime else []
