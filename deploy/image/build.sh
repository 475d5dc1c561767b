#!/bin/sh
# Builds photostore:local (IMAGE names another), and tries it: its size, and that it serves on a read-only root without any right.
# BUILD_OPTIONS goes to `docker build`.
set -eu
cd "$(dirname "$0")/../.."
image=${IMAGE:-photostore:local}
most=$((350 * 1000 * 1000))

# shellcheck disable=SC2086 # several options
docker build --build-arg BUILD="$(git rev-parse --short HEAD 2>/dev/null || echo source)" ${BUILD_OPTIONS:-} -t "$image" .

size=$(docker image inspect --format '{{.Size}}' "$image")
base=$(docker image inspect --format '{{.Size}}' "${PYTHON_IMAGE:-python:3.13-slim}")
echo "$image: $((size / 1000000)) MB, of which the Python image is $((base / 1000000)) MB"
if [ "$size" -gt "$most" ]; then
  echo "$image is larger than $((most / 1000000)) MB." >&2
  exit 1
fi

run() {
  docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --network none "$@"
}
run "$image" settings >/dev/null
run --entrypoint python "$image" -c 'import photostore_http.main, photostore_adapters.s3.provider, photostore_adapters.redis.provider, photostore_adapters.oidc.provider'
echo "$image runs read-only, as $(docker image inspect --format '{{.Config.User}}' "$image"), without capabilities."
