# A machine that boots Debian's systemd, with hookmeter in /srv/hookmeter as docs/stack.md installs it.
FROM hookmeter-debian
RUN apt-get update -qq && apt-get install -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io \
      systemd systemd-sysv make openssl procps sudo && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/hookmeter
# Dependencies are a layer of their own, which a change of the code keeps.
COPY requirements requirements
COPY Makefile ./
RUN make .venv/python && .venv/bin/pip install --quiet --require-hashes --requirement requirements/runtime.txt
COPY . .
RUN make .venv/runtime
COPY --from=hookmeter-claude /claude /usr/local/bin/claude
STOPSIGNAL SIGRTMIN+3
CMD ["sh", "/srv/hookmeter/tests/stack/stand_ins/boot.sh"]
