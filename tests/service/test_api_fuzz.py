"""Whatever the description allows, and much that it forbids, is answered as described and never by a failure."""

import shutil
from contextlib import closing

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pamong.course import Course
from pamong.service.api.description import describe
from pamong.service.api.routes import OPERATIONS

from .conftest import WHO, Serving, service_at

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=30, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
schema = schemathesis.openapi.from_dict(describe(OPERATIONS))


@pytest.fixture(scope="module")
def running(released_once, tmp_path_factory):
    """One service for all examples: what one leaves behind, the next meets."""
    place = tmp_path_factory.mktemp("fuzz") / "root"
    shutil.copytree(released_once, place)
    course = Course.load(place)
    service = service_at(course, course.service_url)
    with closing(service.database), Serving(service) as serving:
        yield f"{serving.address}/services/pamong/api/v1"


@schema.parametrize()
@FEW
def test_every_operation_keeps_its_word(case, running):
    who = "k01" if "/staff/" in case.operation.path else "p001"
    headers = {WHO: who, "Cookie": "_xsrf=uji", "X-XSRFToken": "uji"}
    response = case.call(base_url=running, headers=headers)
    case.validate_response(response, checks=CHECKS)
