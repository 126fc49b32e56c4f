"""The product: rules, storage, HTTP in, clients out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.runtime import Runtime
    from app.settings import Settings

LARGEST_BODY = 1024 * 1024


def create_app(settings: Settings, runtime: Runtime | None = None) -> Flask:
    """Build the Flask app around one `Runtime`.

    The web modules are imported here, so that workers and commands load none of them.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app.runtime import Runtime
    from app.web import (
        card,
        colleague,
        connections,
        customer,
        errors,
        files,
        headers,
        health,
        install,
        journal,
        limits,
        metrics,
        people,
        preferences,
        reached,
        request_line,
        sign_in,
        webhooks,
    )

    app = Flask(__name__, static_folder=None)
    errors.forgive_slashes(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["propale"] = runtime or Runtime.start(settings)
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]
    request_line.install(app)
    ours = card, colleague, connections, customer, files, health, install, journal, people
    others = metrics, preferences, reached, sign_in, connections.slack_oauth, webhooks
    for part in (*ours, *others):
        app.register_blueprint(part.blueprint)
    limits.install(app)
    headers.install(app)
    errors.handle_errors(app)
    return app
