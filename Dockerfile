# Two images: `exporter` (small, the default target) reads logs and serves metrics; `server` also contains Claude Code, to run tasks.
FROM python:3.13.7-slim-bookworm AS build
WORKDIR /src
COPY requirements/runtime.txt requirements/
RUN python -m venv /opt/hookmeter && /opt/hookmeter/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md LICENSE Dockerfile docker-compose.yml .dockerignore ./
COPY tools/project_urls.py tools/
COPY exporter exporter
COPY chatserver chatserver
COPY dashboards dashboards
RUN /opt/hookmeter/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/hookmeter/bin/python -m compileall -q /opt/hookmeter/lib

FROM node:22.19.0-bookworm-slim AS claude
ARG CLAUDE_VERSION=2.1.332
RUN npm install --global --include=optional --ignore-scripts=false --no-audit --no-fund \
      "@anthropic-ai/claude-code@$CLAUDE_VERSION" \
 && install -m 755 "$(readlink -f "$(command -v claude)")" /claude && /claude --version

FROM python:3.13.7-slim-bookworm AS hookmeter
COPY --from=build /opt/hookmeter /opt/hookmeter
# These directories are writable by every user, so that a new volume works whichever user the container runs as.
RUN useradd --uid 1000 --home-dir /home/hookmeter hookmeter && install -d -m 1777 /data /agents /home/hookmeter
USER hookmeter
ENV PATH=/opt/hookmeter/bin:$PATH HOME=/home/hookmeter PYTHONDONTWRITEBYTECODE=1 \
    HOOKMETER_SESSIONS_DIR=/logs/sessions HOOKMETER_TRANSCRIPTS_DIR=/transcripts HOOKMETER_DATA_DIR=/data
VOLUME /data
ENTRYPOINT ["hookmeter"]

FROM hookmeter AS server
USER root
RUN apt-get update && apt-get install -y --no-install-recommends git ripgrep && rm -rf /var/lib/apt/lists/*
COPY --from=claude /claude /usr/local/bin/claude
# For a server that runs as root, and its tasks as another user (--task-user), who cannot enter /root.
RUN install -d -m 700 /root /root/data /root/secrets
USER hookmeter
ENV HOOKMETER_LISTEN=0.0.0.0:3000 HOOKMETER_WORKSPACE=/workspace
EXPOSE 3000
CMD ["server", "--env", "production"]

FROM hookmeter AS exporter
ENV HOOKMETER_METRICS_LISTEN=0.0.0.0:19464
EXPOSE 19464
CMD ["exporter"]
