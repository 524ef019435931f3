#!/bin/sh
# Runs a program with its secret files. The file jwt_secret_key is named in HOOKMETER_SECRET_KEY_FILE, and any other one
# becomes a variable: the file pgpassword becomes PGPASSWORD. Tasks inherit neither.
# The files are in the directory of LoadCredential under systemd, and where CREDENTIALS_DIRECTORY says in containers.
set -eu
directory=${CREDENTIALS_DIRECTORY:-/run/secrets}
for file in "$directory"/*; do
  [ -f "$file" ] || continue
  if [ "${file##*/}" = jwt_secret_key ]; then
    export "HOOKMETER_SECRET_KEY_FILE=$file"
    continue
  fi
  name=$(printf %s "${file##*/}" | tr '[:lower:]' '[:upper:]')
  value=$(cat "$file")
  export "$name=$value"
done
exec "$@"
