# One image for every process: docker run ... api | worker | migrate | (billing-service --help lists the rest)
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
RUN python3 -m venv /opt/billing
COPY requirements.lock ./
RUN /opt/billing/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY src src
# The backend is in the lock, so nothing is fetched without a hash; afterwards only what runs is left, compiled. Bytecode
# that looks at no time of its source: builders round those when they copy, and every start would compile again.
RUN /opt/billing/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check --no-deps --no-build-isolation . \
    && /opt/billing/bin/pip uninstall --yes hatchling editables pathspec trove-classifiers setuptools pip \
    && /opt/billing/bin/python3 -m compileall -q --invalidation-mode unchecked-hash /opt/billing/lib

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/billing /opt/billing
ENV PATH=/opt/billing/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can see that it is not root; the process writes no file.
USER 10001:10001
WORKDIR /
EXPOSE 8000
# No HEALTHCHECK: only one of the processes answers HTTP. Ask /health/live and /health/ready of that one.
ENTRYPOINT ["billing-service"]
CMD ["api"]
