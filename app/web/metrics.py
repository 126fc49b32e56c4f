"""For Prometheus: what all processes counted and what stands in our tables, guarded by a token."""

import hmac
from collections.abc import Iterable

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from app.db import EVERY_TENANT
from app.errors import AppError
from app.metrics.standing import read_standing
from app.metrics.tallies import read_tallies
from app.patience import answered_within
from app.web.auth import open_to
from app.web.health import redis_answers
from app.web.limits import count_forgery
from app.web.runtime import runtime

blueprint = Blueprint("metrics", __name__)
# Prometheus itself waits ten seconds.
PATIENCE_SECONDS = 5.0


@blueprint.get("/metrics")
@open_to("holder of the metrics token")
def show() -> Response:
    """404 without a METRICS_TOKEN, 401 with another one; 503 while the database is away."""
    token = runtime().settings.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        count_forgery()
        raise AppError("wrong_token", "This needs the token of METRICS_TOKEN.", status=401)
    registry = CollectorRegistry()
    registry.register(Everything())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Everything(Collector):
    """One look at the database."""

    def collect(self) -> Iterable[Metric]:
        with answered_within(PATIENCE_SECONDS), runtime().database.reading(EVERY_TENANT) as session:
            metrics = [*read_tallies(session), *read_standing(session)]
        up = GaugeMetricFamily("propale_redis_up", "Whether Redis answers.")
        up.add_metric((), float(redis_answers(runtime().settings)))
        return [*metrics, up]
