"""Keys that sign, and the public ones that whoever verifies is given."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pamong.signing import Signer, publish


def test_all_who_are_the_first_to_sign_at_once_make_one_key_and_publish_it_once(tmp_path):
    private, public, many = tmp_path / "graders" / "key.pem", tmp_path / "keys.json", 16
    start = Barrier(many)

    def first(_):
        start.wait()
        signer = Signer.open(private)
        publish(public, signer)
        return signer.id

    with ThreadPoolExecutor(many) as pool:
        (made,) = set(pool.map(first, range(many)))
    assert public.read_text().count(made) == 1
    assert private.stat().st_mode & 0o777 == 0o600
    assert public.stat().st_mode & 0o777 == 0o644
    assert sorted(it.name for it in tmp_path.iterdir()) == ["graders", "keys.json"]
    assert [it.name for it in private.parent.iterdir()] == ["key.pem"]
