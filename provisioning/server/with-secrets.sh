#!/bin/sh
# Runs a program with its secret files as environment variables: the file jwt_secret_key becomes JWT_SECRET_KEY.
# The files are in /run/secrets in containers, and in the directory of LoadCredential under systemd.
set -eu
for file in "${CREDENTIALS_DIRECTORY:-/run/secrets}"/*; do
  [ -f "$file" ] || continue
  name=$(printf %s "${file##*/}" | tr '[:lower:]' '[:upper:]')
  value=$(cat "$file")
  export "$name=$value"
done
exec "$@"
