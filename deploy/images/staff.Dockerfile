# JupyterLab for staff, grading jobs and Dask's workers: all of Pamong. The course and the keys are mounted, never copied.
#   docker build --build-arg BASE=docker.io/library/python@sha256:… -f deploy/images/staff.Dockerfile -t … .
ARG BASE=docker.io/library/python:3.12-slim-bookworm
FROM ${BASE} AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pamong
COPY requirements/run.lock deploy/images/staff.lock ./
RUN /opt/pamong/bin/pip install --require-hashes --no-deps -r run.lock -r staff.lock
COPY pyproject.toml README.md LICENSE ./
COPY pamong pamong
RUN /opt/pamong/bin/pip install --no-deps --no-build-isolation .

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap tini \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 1000 --create-home --home-dir /home/jovyan --shell /bin/bash jovyan
COPY --from=build /opt/pamong /opt/pamong
COPY deploy/kubernetes/dask-gateway/grade.py /opt/pamong/
COPY nbgrader_config.py /srv/pamong/
COPY templates /srv/pamong/templates
ENV PATH=/opt/pamong/bin:$PATH LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
    TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR=1
USER 1000
WORKDIR /srv/pamong
EXPOSE 8888
ENTRYPOINT ["tini", "--"]
CMD ["jupyterhub-singleuser"]
