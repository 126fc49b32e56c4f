"""What every vendor of the sandbox shares: settings, store, clock, faults, journal."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request, Response

    from sandbox.settings import Settings


@dataclass
class World:
    """One sandbox; background threads end when `closing` is set."""

    settings: Settings
    store: Store
    clock: Clock
    faults: Faults
    journal: Journal
    closing: threading.Event = field(default_factory=threading.Event)
    _seeds: list[Callable[[], None]] = field(default_factory=list)
    _failed: dict[str, Callable[[Request, Response], None]] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings) -> World:
        """Open the store in `data_dir` and whatever it remembers."""
        store = Store(settings.data_dir / "sandbox.db")
        return cls(
            settings=settings,
            store=store,
            clock=Clock(store, settings.database_url),
            faults=Faults(),
            journal=Journal(settings.data_dir / "stripe-requests.jsonl"),
        )

    def seed(self, plant: Callable[[], None]) -> None:
        """Run `plant` now and after every reset; it adds only what is missing."""
        self._seeds.append(plant)
        with self.store.lock:
            plant()

    def when_failed(self, vendor: str, remember: Callable[[Request, Response], None]) -> None:
        """Have a vendor told of the answers that a fault gave in its place."""
        self._failed[vendor] = remember

    def failed(self, vendor: str, asked: Request, answer: Response) -> None:
        """Tell the vendor, if it wants to know."""
        if vendor in self._failed:
            self._failed[vendor](asked, answer)

    def reset(self) -> None:
        """Back to a fresh sandbox: no faults, no arrivals, no objects but the seeded ones."""
        with self.store.lock:
            self.faults.clear()
            self.journal.clear()
            self.clock.reset()
            self.store.clear()
            for plant in self._seeds:
                plant()

    def close(self) -> None:
        self.closing.set()
        self.store.close()


def current_world() -> World:
    """Return the world of the server that answers this request."""
    return cast("World", current_app.config["WORLD"])
