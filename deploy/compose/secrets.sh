#!/bin/sh
# Writes .env beside compose.yaml with a random secret for each part. Leaves one that is there alone.
set -eu
cd "$(dirname "$0")/../.."

if [ -e .env ]; then
  echo '.env is there already, and was left as it is.' >&2
  exit 1
fi

secret() {
  head -c 48 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'
}

umask 077
cat >.env <<ENV
# Secrets of compose.yaml. What else can be set stands in docs/operations/compose.md.
POSTGRES_PASSWORD=$(secret)
JWT__SECRET_KEY=$(secret)
S3__AWS_ACCESS_KEY_ID=photostore
S3__AWS_SECRET_ACCESS_KEY=$(secret)
VALKEY_PASSWORD=$(secret)
GRAFANA_PASSWORD=$(secret)
ENV
echo 'Wrote .env. Keep a copy of it where your backups are: without JWT__SECRET_KEY links and webhooks cannot be restored.'
