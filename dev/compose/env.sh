#!/bin/sh
# Adds to .env what docker-compose.yml needs and .env has not: `sh dev/compose/env.sh`. A password is 24 random bytes in hexadecimal.
# Nothing that has a value is changed, so it can be repeated.
set -eu
umask 077
cd "$(dirname "$0")/../.."
touch .env
chmod 600 .env
# A last line without its end would swallow the next one.
[ -z "$(tail -c 1 .env)" ] || echo >> .env
grep '=' dev/compose/env.example | grep -v '^#' | while IFS='=' read -r name value; do
  if grep -q "^$name=." .env; then continue; fi
  case "$name" in
    *_PASSWORD) value=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n') ;;
  esac
  printf '%s=%s\n' "$name" "$value" >> .env
  echo "$name is written to .env"
done
