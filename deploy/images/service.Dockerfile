# The service between participants and graders. The course and the keys are mounted, never copied.
#   docker build --build-arg BASE=docker.io/library/python@sha256:… -f deploy/images/service.Dockerfile -t … .
ARG BASE=docker.io/library/python:3.12-slim-bookworm
FROM ${BASE} AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/pamong
COPY requirements/run.lock deploy/images/service.lock ./
RUN /opt/pamong/bin/pip install --require-hashes --no-deps -r run.lock -r service.lock
COPY pyproject.toml README.md LICENSE ./
COPY pamong pamong
RUN /opt/pamong/bin/pip install --no-deps --no-build-isolation .

FROM ${BASE}
RUN useradd --uid 1000 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin pamong
COPY --from=build /opt/pamong /opt/pamong
ENV PATH=/opt/pamong/bin:$PATH LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MPLCONFIGDIR=/tmp
USER 1000
WORKDIR /srv/pamong
EXPOSE 8080
CMD ["python", "-m", "pamong.service", "--course", "/srv/pamong"]
