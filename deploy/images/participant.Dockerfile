# A participant's server: Notebook 7 over the service. It holds no key, no course and nothing that grades; what gets
# into it at all is listed in participant.Dockerfile.dockerignore, which needs BuildKit. From the repository's root:
#   docker build --build-arg BASE=docker.io/library/python@sha256:… -f deploy/images/participant.Dockerfile -t … .
ARG BASE=docker.io/library/python:3.12-slim-bookworm
FROM ${BASE} AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pamong
COPY requirements/run.lock deploy/images/participant.lock ./
RUN /opt/pamong/bin/pip install --require-hashes --no-deps -r run.lock -r participant.lock
COPY pyproject.toml README.md LICENSE ./
COPY pamong pamong
RUN /opt/pamong/bin/pip install --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --uid 1000 --create-home --home-dir /home/jovyan --shell /bin/bash jovyan
COPY --from=build /opt/pamong /opt/pamong
COPY deploy/images/start.py /opt/pamong/start.py
ENV PATH=/opt/pamong/bin:$PATH LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR=1
USER 1000
WORKDIR /home/jovyan
EXPOSE 8888
CMD ["python", "/opt/pamong/start.py"]
