# The product as an image: web by default; compose.yaml starts worker and commands from the same one.
# The versions are those the tests run on: Debian 12 with its Python, PostgreSQL and Redis.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /opt/propale
COPY requirements.lock .
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for backups.
# Debian keeps one version of them at a time, so none can be named.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/propale --create-home propale
WORKDIR /opt/propale
COPY --from=packages /opt/propale/.venv .venv
COPY app app
COPY workers workers
# Its processes may write nothing here, so the byte code is made now.
RUN python -m compileall -q app workers
ENV PATH=/opt/propale/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PORT=8000 \
    DATA_DIR=/var/lib/propale
USER 10001
EXPOSE 8000
CMD ["sh", "-c", "exec gunicorn app.wsgi:application --logger-class app.serving.ServerLog --worker-class gthread --workers 2 --threads 16 --bind 0.0.0.0:$PORT"]
