FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/runtime.txt requirements/
RUN python -m venv /opt/hookmeter && /opt/hookmeter/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
COPY chatserver chatserver
COPY dashboards dashboards
RUN /opt/hookmeter/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/hookmeter /opt/hookmeter
RUN useradd --uid 1000 hookmeter && install -d -o hookmeter -m 700 /data
USER hookmeter
ENV HOOKMETER_SESSIONS_DIR=/logs/sessions HOOKMETER_TRANSCRIPTS_DIR=/transcripts HOOKMETER_DATA_DIR=/data HOOKMETER_METRICS_LISTEN=0.0.0.0:19464
VOLUME /data
EXPOSE 19464
ENTRYPOINT ["/opt/hookmeter/bin/hookmeter"]
CMD ["run"]
