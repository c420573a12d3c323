"""What a submission's folder may hold besides files: each function spoils one that was good."""

import os
import shutil
import socket
from pathlib import Path

LINK = "it is a link, a folder or a device instead of a plain file"
NO_FOLDER = "its folder is a link, a file or a device instead of a folder"


def replaced(path):
    """The path, with nothing there any more."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def log_link_to_another_log(folder, others):
    replaced(folder / "pemahaman.jsonl").symlink_to(others / "pemahaman.jsonl")


def log_link_to_a_key(folder, others):
    keys = others.parents[3] / "graders" / "m0-contoh" / "pemahaman.key.yaml"
    replaced(folder / "pemahaman.jsonl").symlink_to(keys)


def log_link_to_the_accounts(folder, _others):
    replaced(folder / "pemahaman.jsonl").symlink_to("/etc/passwd")


def log_link_to_endless_zeros(folder, _others):
    replaced(folder / "pemahaman.jsonl").symlink_to("/dev/zero")


def log_link_within_the_folder(folder, _others):
    path = replaced(folder / "pemahaman.jsonl")
    path.symlink_to("sikap.jsonl")


def log_link_to_itself(folder, _others):
    replaced(folder / "pemahaman.jsonl").symlink_to("pemahaman.jsonl")


def log_link_to_nothing(folder, _others):
    replaced(folder / "pemahaman.jsonl").symlink_to("tidak-ada")


def log_is_a_folder(folder, _others):
    replaced(folder / "pemahaman.jsonl").mkdir()


def log_is_a_pipe(folder, _others):
    os.mkfifo(replaced(folder / "pemahaman.jsonl"))


def log_is_a_socket(folder, _others):
    replaced(folder / "pemahaman.jsonl")
    here = Path.cwd()
    os.chdir(folder)  # the whole path would be too long for a socket
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("pemahaman.jsonl")
    finally:
        os.chdir(here)


def log_is_a_device(folder, _others):
    device = os.makedev(1, 5)  # endless zeros
    os.mknod(replaced(folder / "pemahaman.jsonl"), 0o666 | 0o020000, device)


SPOILED_LOGS = {
    each.__name__.replace("_", "-"): each
    for each in (
        log_link_to_another_log, log_link_to_a_key, log_link_to_the_accounts,
        log_link_to_endless_zeros, log_link_within_the_folder, log_link_to_itself,
        log_link_to_nothing, log_is_a_folder, log_is_a_pipe, log_is_a_socket, log_is_a_device,
    )
}  # fmt: skip
"""The exercise is errored, the others are graded."""


def notebook_is_a_folder(folder, _others):
    replaced(folder / "module.ipynb").mkdir()


def notebook_is_a_full_folder(folder, _others):
    (replaced(folder / "module.ipynb") / "a").mkdir(parents=True)
    (folder / "module.ipynb.rusak" / "b").mkdir(parents=True)


def notebook_is_a_link(folder, others):
    replaced(folder / "module.ipynb").symlink_to(others / "module.ipynb")


def notebook_is_a_pipe(folder, _others):
    os.mkfifo(replaced(folder / "module.ipynb"))


SPOILED_NOTEBOOKS = {
    each.__name__.replace("_", "-"): each
    for each in (
        notebook_is_a_folder, notebook_is_a_full_folder, notebook_is_a_link, notebook_is_a_pipe,
    )
}  # fmt: skip
"""The essay is errored, since only the notebook could have held it."""


def folder_is_a_link(folder, others):
    replaced(folder).symlink_to(others)


def folder_is_a_link_to_itself(folder, _others):
    replaced(folder).symlink_to(folder.name)


def folder_is_a_file(folder, _others):
    replaced(folder).write_text("m0")


def folder_is_a_pipe(folder, _others):
    os.mkfifo(replaced(folder))


SPOILED_FOLDERS = {
    each.__name__.replace("_", "-"): each
    for each in (folder_is_a_link, folder_is_a_link_to_itself, folder_is_a_file, folder_is_a_pipe)
}
"""Everything is errored."""


def ten_thousand_files(folder, _others):
    for n in range(10_000):
        (folder / f"{n}.txt").touch()


def thousand_levels(folder, _others):
    """Deeper than Python recurses, and in paths longer than the system takes."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(1000):
            os.mkdir("dalam-sekali")  # noqa: PTH102  # relative to where we are
            os.chdir("dalam-sekali")
    finally:
        os.chdir(here)


def odd_names(folder, _others):
    names = ["spasi dan 'kutip\"", "emoji-🙂", "kanan-\u202ekiri", "baris\nbaru", "x" * 255]
    names += [
        "PEMAHAMAN.jsonl",
        "Module.ipynb",
        "é.jsonl",
        "e\u0301.jsonl",
        "-rf",
        "~",
        "$HOME",
        "*",
    ]
    for name in names:
        (folder / name).write_text("{}")
    Path(os.fsdecode(os.fsencode(folder) + b"/bukan-utf8-\xff")).write_text("{}")


def hidden_folders(folder, _others):
    for name in (".git", ".ipynb_checkpoints", "__pycache__", ".local"):
        (folder / name).mkdir()
        (folder / name / "pemahaman.jsonl").write_text("{}")


def modules_of_their_own(folder, _others):
    """Python would import these before the real ones, were they where the cells run."""
    for name in ("pamong", "json", "IPython", "sitecustomize", "msgspec"):
        (folder / f"{name}.py").write_text("raise SystemExit('diambil alih')")
    (folder / "pemahaman.brief.yaml").write_text("kind: choice")
    (folder / "pemahaman.key.yaml").write_text("kind: choice")


def links_beside(folder, others):
    (folder / "kunci").symlink_to(others.parents[3] / "graders")
    (folder / "semua").symlink_to("/")
    (folder / "lingkaran").symlink_to(".")


HARMLESS_FOLDERS = {
    each.__name__.replace("_", "-"): each
    for each in (
        ten_thousand_files, thousand_levels, odd_names, hidden_folders, modules_of_their_own,
        links_beside,
    )
}  # fmt: skip
"""Graded as if nothing of it were there."""


def stamp(content):
    def write(folder, _others):
        replaced(folder / "timestamp.txt").write_bytes(content)

    return write


def stamp_is_a_folder(folder, _others):
    (replaced(folder / "timestamp.txt") / "a").mkdir(parents=True)


def secret_is_a_folder(folder, _others):
    (replaced(folder / "submission_secret.txt") / "a").mkdir(parents=True)


def secret(content):
    def write(folder, _others):
        replaced(folder / "submission_secret.txt").write_bytes(content)

    return write


HARMLESS_RECEIPTS = {
    "stamp-garbage": stamp(b"\xff\xfe\0kemarin"),
    "stamp-empty": stamp(b""),
    "stamp-year-0": stamp(b"0000-01-01 00:00:00.000000 UTC"),
    "stamp-year-9999": stamp(b"9999-12-31T23:59:59-12:00"),
    "stamp-year-1": stamp(b"0001-01-01T00:00:00+14:00"),
    "stamp-zone": stamp(b"2026-12-01 03:00:00.000000 Asia/Jakarta"),
    "stamp-of-a-megabyte": stamp(b"2026-12-01 " * 100_000),
    "stamp-is-a-folder": stamp_is_a_folder,
    "secret-bytes": secret(b"\xff\0\xfe" * 100),
    "secret-path": secret(b"../../../graders\n"),
    "secret-of-a-megabyte": secret(b"x" * 1024**2),
    "secret-is-a-folder": secret_is_a_folder,
}
"""Graded all the same."""

STRAY_NAMES = (
    "spasi di sini", "'kutip\"", "emoji-🙂", "kanan-\u202ekiri", "baris\nbaru", "x" * 200, "..p001",
    "p..001", "-rf", "é", "e\u0301", "[/bold]", "%2e%2e", "$HOME", "a+b",
)  # fmt: skip
"""Folders in ``submitted`` whose names cannot be a participant's."""
