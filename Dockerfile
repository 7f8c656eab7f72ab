# Two stages: the first builds, the second holds only what runs. Nothing unpinned is fetched from a package registry.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# The requirements change seldom, and so keep a layer of their own.
COPY requirements/build.txt requirements/run.txt requirements/
RUN python -m pip install --require-hashes -r requirements/build.txt \
    && python -m venv /opt/tocsin \
    && /opt/tocsin/bin/python -m pip install --require-hashes -r requirements/run.txt

COPY pyproject.toml LICENSE ./
COPY bot bot
COPY handlers handlers
COPY integrations integrations
COPY storage storage
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/tocsin/bin/python -m pip install --no-deps /dist/*.whl \
    && /opt/tocsin/bin/python -m compileall -q /opt/tocsin/lib \
    && /opt/tocsin/bin/python -m pip uninstall --yes pip

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Tocsin" \
    org.opencontainers.image.description="A self-hosted incident bot" \
    org.opencontainers.image.licenses="Apache-2.0"

RUN useradd --system --uid 10001 --home-dir /var/lib/tocsin --no-create-home --shell /usr/sbin/nologin tocsin \
    && install --directory --owner=tocsin --group=tocsin --mode=0750 /var/lib/tocsin
COPY --from=build /opt/tocsin /opt/tocsin

ENV PATH=/opt/tocsin/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TOCSIN_LISTEN=0.0.0.0:8080

# By default SQLite stores under `var/` of the working folder, and the settings are its `tocsin.yaml`.
WORKDIR /var/lib/tocsin
VOLUME /var/lib/tocsin
USER 10001
EXPOSE 8080

# The proxy settings of the environment do not apply to http.client, so that the question never leaves the container.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['TOCSIN_LISTEN'].rpartition(':')[2]), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["tocsin"]
CMD ["run"]
