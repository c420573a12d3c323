"""The hub's configuration: both modes load, what is missing stops it, and nobody may more than they need."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterhub.app import JupyterHub
from traitlets.config import Config

from pamong.errors import CourseError
from pamong.hub import accounts, configuration, prerequisites, roles, supervisor, tokens
from pamong.hub.settings import from_environment

ROOT = Path(__file__).parents[2]
OAUTH = {
    f"PAMONG_OAUTH_{name}": f"https://masuk.contoh.go.id/{name.lower()}"
    for name in ("CLIENT_ID", "CLIENT_SECRET", "AUTHORIZE_URL", "TOKEN_URL", "USERDATA_URL", "USERNAME", "NAME")
}  # fmt: skip
LTI = {
    f"PAMONG_LTI_{name}": f"https://lms.contoh.go.id/{name.lower()}"
    for name in ("ISSUER", "CLIENT_ID", "AUTHORIZE_URL", "JWKS_URL", "USERNAME")
}


@pytest.fixture
def configured(small, monkeypatch):
    """``configured(mode="server", ...)`` is the configuration of a hub over the small course."""
    for name in [name for name in os.environ if name.startswith("PAMONG_")]:
        monkeypatch.delenv(name)

    def load(**variables: str) -> Config:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        (small.root / ".hub").mkdir(exist_ok=True)
        c = Config()
        configuration.configure(c, small.root)
        return c

    return load


def server(monkeypatch) -> dict[str, str]:
    """Variables of a hub for real people, on a machine that is fit for it."""
    monkeypatch.setattr(prerequisites, "closed", lambda path: None)
    monkeypatch.setattr(prerequisites.os, "geteuid", lambda: 0)
    return {"PAMONG_HUB_MODE": "server", "PAMONG_PUBLIC_URL": "https://hub.contoh.go.id"}


def test_a_demo_answers_on_loopback_only_and_says_what_it_is(configured):
    c = configured()
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000/"
    assert c.JupyterHub.hub_bind_url == "http://127.0.0.1:8001"
    assert "tidak memisahkan" in c.JupyterHub.template_vars.get_value({})["announcement_login"]
    with pytest.raises(CourseError, match="answers on this machine only, not at 10.0.0.1"):
        configured(PAMONG_HUB_ADDRESS="10.0.0.1")


def test_a_hub_for_real_people_limits_every_server_and_leaves_them_running(configured, monkeypatch):
    c = configured(**server(monkeypatch))
    assert issubclass(c.JupyterHub.spawner_class, configuration.spawning.InTurn)
    assert not issubclass(c.JupyterHub.spawner_class, configuration.spawning.OnePerson)
    assert c.Spawner.cmd[0].endswith("prlimit")
    assert c.Spawner.cmd[1:5] == ["--as=4294967296", "--nproc=256", "--core=0", "--"]
    assert (c.JupyterHub.cleanup_servers, c.JupyterHub.cleanup_proxy) == (False, False)
    assert c.JupyterHub.concurrent_spawn_limit == 0
    assert "announcement_login" not in c.JupyterHub.template_vars.get_value({})


@pytest.mark.parametrize("mode", ["demo", "server"])
def test_jupyterhub_itself_takes_the_configuration(configured, monkeypatch, mode):
    """JupyterHub copies the values, makes its parts of them, and knows every name that is set."""
    c = configured(**({} if mode == "demo" else server(monkeypatch)))
    hub = JupyterHub(config=c, log_level=50)
    unknown = [name for name in c.JupyterHub if not hub.has_trait(name)]
    assert unknown == []
    door = hub.authenticator_class(parent=hub)
    assert [name for name in c.Authenticator if not door.has_trait(name)] == []
    assert [name for name in c.Spawner if not hub.spawner_class.class_traits().get(name)] == []
    assert {"/login", "/kartu", "/sehat"} <= set(dict(door.get_handlers(hub)))


@pytest.mark.parametrize(
    ("name", "variables", "base"),
    [("oauth", OAUTH, "GenericOAuthenticator"), ("lti", LTI, "LTI13Authenticator")],
)
def test_logging_in_elsewhere_is_a_setting_away_and_asks_for_all_of_it(
    configured, monkeypatch, name, variables, base
):
    c = configured(**server(monkeypatch), **variables, PAMONG_LOGIN=name)
    assert base in [each.__name__ for each in c.JupyterHub.authenticator_class.__mro__]
    hub = JupyterHub(config=c, log_level=50)
    assert hub.authenticator_class(parent=hub).manage_groups
    missing = next(iter(variables))
    monkeypatch.delenv(missing)
    with pytest.raises(CourseError, match=f"^{missing} must be set"):
        configured()


def test_a_hub_for_real_people_names_everything_that_it_lacks(configured, monkeypatch):
    monkeypatch.setattr(prerequisites.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prerequisites.shutil, "which", lambda name: None)
    with pytest.raises(CourseError) as told:
        configured(PAMONG_HUB_MODE="server", PAMONG_HUB_HOMES="/tidak-ada")
    text = str(told.value)
    assert "Only root can give each participant an account" in text
    assert "useradd is missing. On Debian or Ubuntu: apt-get install passwd" in text
    assert "/tidak-ada does not exist" in text
    assert "Other accounts cannot pass" in text  # pytest's folders are its owner's alone


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("programme.yaml", "jupyterhub_config.py: AuthoringError"),
        ("", "PAMONG_HUB_MODE is 'produksi'"),
    ],
)
def test_a_fault_stops_jupyterhub_instead_of_starting_it_with_its_own_defaults(small, broken, told):
    shutil.copy(ROOT / "jupyterhub_config.py", small.root)
    environment = os.environ | {"PAMONG_HUB_MODE": "demo" if broken else "produksi"}
    if broken:
        (small.folder / broken).write_text("title: [", encoding="utf-8")
    command = [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"]
    done = subprocess.run(
        command,
        cwd=small.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert not (small.root / "jupyterhub.sqlite").exists()


def scopes(*groups: str) -> set[str]:
    """All scopes that a person in these groups has, as roles give them."""
    return {
        scope
        for role in roles.roles()
        if role["name"] == "user" or set(role.get("groups", ())) & set(groups)
        for scope in role["scopes"]
    }


def test_roles_give_no_more_than_each_needs():
    everybody = {"access:services!service=pamong", "read:users:name!user", "read:users:groups!user"}
    assert scopes("pimpinan") == everybody
    assert scopes("peserta") - everybody == {
        "servers!user",
        "access:servers!user",
        "users:activity!user",
    }
    grading = {"access:servers!user=penilai", "servers!user=penilai", "list:users!user=penilai"}
    assert scopes("widyaiswara") - everybody == grading
    oversight = {"admin-ui", "list:users", "read:users:activity", "read:servers", "delete:servers"}
    assert scopes("penyelenggara") - everybody == grading | oversight
    given = {scope for role in roles.roles() for scope in role["scopes"]}
    assert not given & {
        "self",
        "inherit",
        "tokens",
        "admin:servers",
        "access:servers",
        "admin:groups",
    }
    assert "access:services!service=pamong" in roles.server_scopes(None)


def test_secrets_are_made_once_and_are_their_accounts_alone(tmp_path):
    first = tokens.tokens(tmp_path)
    assert tokens.tokens(tmp_path) == first
    assert len(set(first.values())) == len(tokens.NAMES)
    assert (tmp_path / tokens.FILE).stat().st_mode & 0o077 == 0
    (tmp_path / tokens.FILE).write_text("{", encoding="ascii")
    with pytest.raises(CourseError, match="is damaged. Delete it while the hub is stopped."):
        tokens.tokens(tmp_path)


def test_settings_reach_every_process_as_they_are(small):
    given = {
        "PAMONG_HUB_PORT": "9100", "PAMONG_PUBLIC_URL": "https://hub.contoh.go.id/",
        "PAMONG_TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2",
    }  # fmt: skip
    settings = from_environment(small.root, given)
    assert from_environment(small.root, settings.environment()) == settings
    assert (settings.hub_port, settings.proxy_port, settings.service_port) == (9101, 9102, 9103)
    assert settings.public_url == "https://hub.contoh.go.id"
    with pytest.raises(CourseError, match="PAMONG_HUB_PORT is 'delapan'"):
        from_environment(small.root, {"PAMONG_HUB_PORT": "delapan"})


def test_the_service_is_told_what_jupyterhub_would_tell_it_and_no_secret_of_the_hub(
    small, monkeypatch
):
    monkeypatch.setenv("PGPASSFILE", "/etc/pgpass")
    monkeypatch.setenv("GITHUB_TOKEN", "rahasia")
    settings = from_environment(small.root, {})
    settings.state.mkdir()
    part = supervisor.part("service", settings)
    assert part.environment["JUPYTERHUB_API_TOKEN"] == tokens.tokens(settings.state)["pamong"]
    assert part.environment["JUPYTERHUB_SERVICE_PREFIX"] == "/services/pamong/"
    assert part.environment["PGPASSFILE"] == "/etc/pgpass"
    assert "GITHUB_TOKEN" not in part.environment
    others = {tokens.tokens(settings.state)[name] for name in ("operator", "pemangkas", "proxy")}
    assert not others & set(part.environment.values())


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("p001", "pm-p001"),
        ("penilai", "pamong-penilai"),
        ("root", "pm-root"),
        ("layanan", "pm-layanan"),
    ],
)
def test_an_id_never_becomes_the_account_of_somebody_else(small, name, account):
    settings = from_environment(small.root, {})
    assert accounts.account(settings, name) == account


def test_an_id_that_no_account_can_have_gets_a_name_that_one_can(small):
    settings = from_environment(small.root, {})
    found = accounts.account(settings, "siti.nur-haliza.binti.abdullah.x")
    assert accounts._PLAIN.fullmatch(found)
    assert len(found) <= 32
    assert found != accounts.account(settings, "siti.nur-haliza.binti.abdullah.y")


def test_two_hubs_never_run_in_the_same_place(small):
    settings = from_environment(small.root, {})
    with supervisor.alone(settings):
        second = supervisor.alone(settings)
        with pytest.raises(CourseError, match="is running. Stop it first."):
            second.__enter__()
    with supervisor.alone(settings):
        pass
