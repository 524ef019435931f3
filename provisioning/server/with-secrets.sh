#!/bin/sh
# Gives a program its secrets as variables: the file jwt_secret_key becomes JWT_SECRET_KEY. The files are where the
# container engine (/run/secrets) or systemd's LoadCredential puts them.
set -eu
for file in "${CREDENTIALS_DIRECTORY:-/run/secrets}"/*; do
  [ -f "$file" ] || continue
  name=$(printf %s "${file##*/}" | tr '[:lower:]' '[:upper:]')
  value=$(cat "$file")
  export "$name=$value"
done
exec "$@"
