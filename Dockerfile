# photostore: `serve` (the default), `worker`, `migrate` and every other command, in one image. docs/operations/compose.md
# Builds with the classic builder and with BuildKit: docker build --build-arg BUILD="$(git rev-parse --short HEAD)" -t photostore .
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore
RUN apt-get update -q && apt-get install -y -q --no-install-recommends binutils
WORKDIR /src
COPY requirements-image.lock requirements-image-build.lock ./
# Every file by its hash, what builds the rest among them.
RUN python -m venv --without-pip /opt/build && python -m venv --without-pip /opt/photostore \
 && python -m pip --python /opt/build/bin/python install -q --require-hashes --only-binary :all: -r requirements-image-build.lock \
 && python -m pip --python /opt/build/bin/python wheel -q --require-hashes --no-deps --no-build-isolation -w /wheels -r requirements-image.lock \
 && python -m pip --python /opt/photostore/bin/python install -q --no-deps --no-index /wheels/*.whl
COPY pyproject.toml README.md LICENSE settings.yaml ./
COPY migrations migrations
COPY photostore photostore
COPY photostore_adapters photostore_adapters
COPY photostore_http photostore_http
# Left out: tests and sources in C of libraries, what debuggers read, and Amazon's other services.
# Compiled here, since the image runs on a read-only root, and by content, so that the same sources give the same files.
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
 && python -m pip --python /opt/photostore/bin/python install -q --no-deps --no-index /dist/*.whl \
 && cd /opt/photostore/lib/python3*/site-packages \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && find . -name '*.py[ix]' -o -name '*.pxd' -o -name '*.[ach]' | xargs rm \
 && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 -exec rm -r {} + \
 && find . -name '*.so' ! -path './*.libs/*' -exec strip --strip-unneeded {} + \
 && /opt/photostore/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/photostore/lib \
 && rm -r pygments/lexers/__pycache__
COPY deploy/image/healthcheck.py /opt/photostore/bin/healthcheck.py

FROM ${PYTHON_IMAGE}
ARG BUILD=source
LABEL org.opencontainers.image.title="photostore" \
      org.opencontainers.image.description="A photo storage backend" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${BUILD}"
RUN groupadd --gid 10001 photostore \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/photostore --shell /usr/sbin/nologin photostore \
 && install -d -o 10001 -g 10001 -m 0750 /var/lib/photostore
COPY --from=build /opt/photostore /opt/photostore
ENV PATH=/opt/photostore/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    BUILD=${BUILD} \
    DATA_DIR=/var/lib/photostore \
    DECODING__SCRATCH_FOLDER=/var/lib/photostore \
    SERVER__HOST=0.0.0.0 \
    WORKER__HOST=0.0.0.0
WORKDIR /var/lib/photostore
USER 10001:10001
VOLUME /var/lib/photostore
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=10s --start-period=120s --retries=5 CMD ["python", "-IS", "/opt/photostore/bin/healthcheck.py"]
ENTRYPOINT ["photostore"]
CMD ["serve"]
