"""The secrets: strong, each used for one thing, and able to open all that is sealed."""

from collections.abc import Iterator
from itertools import combinations

from app.doctor.check import Check, ok, wrong
from app.rotation import unopened
from app.runtime import Runtime
from app.settings import MADE_BY_KEYS_NEW, Settings

FEWEST_SIGNS = 10
SHOWN = 3


def look_at_secrets(runtime: Runtime) -> Iterator[Check]:
    yield look_at_strength(runtime.settings)
    yield look_at_sealed(runtime)


def look_at_strength(settings: Settings) -> Check:
    """Our own keys look random, and no two settings hold the same one.

    Their length was checked with the settings.
    """
    name = "secrets.strength"
    keys = {
        (setting, key.strip())
        for setting in MADE_BY_KEYS_NEW
        for key in getattr(settings, setting.lower()).split(",")
        if key
    }
    for setting, key in sorted(keys):
        if len(set(key)) < FEWEST_SIGNS:
            return wrong(name, "weak", setting=setting)
    held = [*sorted(keys), *(("HUBSPOT_CLIENT_SECRET", one) for one in settings.hubspot_secrets)]
    for (first, one), (second, other) in combinations(held, 2):
        if one == other:
            return wrong(name, "same", first=first, second=second)
    return ok(name)


def look_at_sealed(runtime: Runtime) -> Check:
    """Every sealed text opens with one of the keys we hold."""
    name = "secrets.sealed"
    places = unopened(runtime.database, runtime.sealer)
    if not places:
        return ok(name)
    return wrong(name, "unopened", number=len(places), places=", ".join(places[:SHOWN]))
