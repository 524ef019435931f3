# PostgreSQL of Debian, with the variables and paths of the official image.
FROM hookmeter-debian
RUN apt-get update -qq && apt-get install -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io postgresql \
 && rm -rf /var/lib/apt/lists/* && install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data \
 && install -d -o postgres -g postgres -m 3777 /run/postgresql
COPY postgres-entrypoint.sh /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["sh", "/usr/local/bin/postgres-entrypoint.sh"]
