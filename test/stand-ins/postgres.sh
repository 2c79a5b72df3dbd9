#!/bin/sh
# Obeys the official image's variables as far as our manifests use them. Of /docker-entrypoint-initdb.d only *.sql, one statement a line.
set -eu
PGDATA=${PGDATA:-/var/lib/postgresql/data}
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Beside its place and then renamed: one that was interrupted is made anew.
  rm -rf "$PGDATA.draft"
  printf %s "$POSTGRES_PASSWORD" >/tmp/password
  # Split into words on purpose.
  # shellcheck disable=SC2086
  initdb -D "$PGDATA.draft" --username="${POSTGRES_USER:-postgres}" --pwfile=/tmp/password ${POSTGRES_INITDB_ARGS:-}
  rm /tmp/password
  printf "listen_addresses = '*'\nunix_socket_directories = '/var/run/postgresql'\n" >>"$PGDATA.draft/postgresql.conf"
  echo 'host all all all scram-sha-256' >>"$PGDATA.draft/pg_hba.conf"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ -f "$file" ] && postgres --single -D "$PGDATA.draft" postgres <"$file" >/dev/null
  done
  rmdir "$PGDATA" 2>/dev/null || true
  mv "$PGDATA.draft" "$PGDATA"
fi
export PGDATA
exec "$@"
