# The chart's own hub with what Pamong adds: people, roles, pages. It holds no key and no course.
#   docker build --build-arg BASE=quay.io/jupyterhub/k8s-hub@sha256:… -f deploy/images/hub.Dockerfile -t … .
ARG BASE=quay.io/jupyterhub/k8s-hub:4.4.0
FROM ${BASE}
USER root
COPY deploy/images/hub.lock /opt/pamong/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /opt/pamong/hub.lock
COPY deploy/kubernetes/hub_config.py /opt/pamong/
COPY pamong /opt/pamong/pamong
ENV PYTHONPATH=/opt/pamong PYTHONDONTWRITEBYTECODE=1
USER 1000
