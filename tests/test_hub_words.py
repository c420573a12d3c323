"""What the hub's pages say when something goes wrong, without a hub."""

from types import SimpleNamespace

import pytest

from pamong.hub.pages import TEMPLATES, House, dress


def house(**more) -> House:
    return House(**{"programme": "Pelatihan Uji", "language": "id", "own_words": False, **more})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("Invalid username or password", "Nama pengguna atau kata sandi tidak cocok."),
        (
            "Login form invalid or expired. Try again.",
            "Halaman masuk ini sudah terlalu lama terbuka.",
        ),
        ("Sign in failed: upstream said no", "Akun Anda belum dapat masuk."),
    ],
)
def test_a_refused_login_is_told_in_plain_words_whatever_jupyterhub_says(told, said):
    assert house().refusal(told).startswith(said)


def test_an_authenticator_that_explains_itself_is_believed():
    words = "Akun terkunci sampai pukul 10.00."
    assert house(own_words=True).refusal(words) == words
    assert house(own_words=True).refusal("Invalid username or password").startswith("Nama pengguna")


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (404, "Halaman tidak ditemukan"),
        (418, "Halaman belum dapat ditampilkan"),
        (429, "Banyak peserta sedang masuk"),
    ],
)
def test_every_error_has_a_title_that_a_participant_understands(status, title):
    assert house().trouble(status, "title") == title
    assert house(language="en").trouble(status, "title") != title


def test_a_hub_is_dressed_by_two_settings():
    c = SimpleNamespace(JupyterHub=SimpleNamespace(template_vars={"own": 1}))
    dress(c, programme="Pelatihan Uji")
    assert c.JupyterHub.template_paths == [str(TEMPLATES)]
    assert c.JupyterHub.template_vars == {"own": 1, "house": house()}


def test_the_pages_ask_for_nothing_else():
    look = str(house().style) + str(house().script)
    assert "url(data:font/woff2;base64," in look.replace('"', "")
    assert "http" not in look.replace("http://www.w3.org", "")
    assert "@import" not in look
