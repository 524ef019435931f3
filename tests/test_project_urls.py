"""The project URLs in the metadata of packages: those of the repository that they are built from, without secrets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from tools.project_urls import project_urls

ROOT = Path(__file__).parents[1]
OF_GITHUB = {
    "Source": "https://github.com/acme/hookmeter",
    "Documentation": "https://github.com/acme/hookmeter/tree/HEAD/docs",
    "Changelog": "https://github.com/acme/hookmeter/blob/HEAD/CHANGELOG.md",
    "Issues": "https://github.com/acme/hookmeter/issues",
}
SECRET = "not-for-the-public"


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/acme/hookmeter",
        "https://github.com/acme/hookmeter.git/",
        f"https://x-access-token:{SECRET}@github.com/acme/hookmeter.git",
        "git@github.com:acme/hookmeter.git",
        "ssh://git@github.com:22/acme/hookmeter.git",
    ],
)
def test_each_form_of_a_remote_gives_the_same_addresses(remote: str) -> None:
    assert project_urls(remote) == OF_GITHUB


@pytest.mark.parametrize(
    ("remote", "source"),
    [
        ("https://git.example.org:8443/team/hookmeter.git", "https://git.example.org:8443/team/hookmeter"),
        ("ssh://git@git.example.org:2222/team/hookmeter.git", "https://git.example.org/team/hookmeter"),
        ("http://git.example.org/team/hookmeter", "http://git.example.org/team/hookmeter"),
    ],
)
def test_another_host_is_named_without_guesses_of_its_pages(remote: str, source: str) -> None:
    assert project_urls(remote) == {"Source": source}


@pytest.mark.parametrize(
    "remote",
    [
        "", "/srv/git/hookmeter", "../hookmeter", "file:///srv/git/hookmeter", "C:/git/hookmeter", "C:\\git\\hookmeter",
        "http://127.0.0.1:3000/acme/hookmeter", "http://[::1]/acme/hookmeter", "http://localhost/acme/hookmeter",
        "https://192.168.1.4/acme/hookmeter", "nas:git/hookmeter", "https://github.com/", "https://[broken/acme/hookmeter",
    ],
)  # fmt: skip
def test_what_others_cannot_open_is_not_named(remote: str) -> None:
    assert project_urls(remote) == {}


def urls_of(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    assert SECRET not in text
    return message_from_string(text).get_all("Project-URL", [])


def built(kind: str, source: Path, target: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target], cwd=source, check=True)
    (found,) = target.iterdir()
    return found


def git(checkout: Path, *words: str) -> None:
    # Without what a person or a machine has configured, because that can rewrite addresses.
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", checkout, *words], env=environment, check=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of this project, in a repository with a token in the address of its remote."""
    target = tmp_path / "checkout"
    left_out = shutil.ignore_patterns(".*", "node_modules", "tests", "findings", "__pycache__", "data", "logs")
    shutil.copytree(ROOT, target, ignore=left_out)
    shutil.copyfile(ROOT / ".dockerignore", target / ".dockerignore")
    git(target, "init", "--quiet")
    git(target, "remote", "add", "origin", f"https://somebody:{SECRET}@github.com/acme/hookmeter.git")
    return target


def test_packages_name_the_repository_that_they_are_built_from(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    expected = [f"{name}, {url}" for name, url in OF_GITHUB.items()]
    assert urls_of(built("wheel", checkout, tmp_path / "wheel")) == expected
    archive = built("sdist", checkout, tmp_path / "sdist")
    shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert not (unpacked / ".git").exists()
    assert urls_of(built("wheel", unpacked, tmp_path / "again")) == expected


def test_files_within_a_repository_of_others_do_not_name_it(checkout: Path, tmp_path: Path) -> None:
    (checkout / "vendored").mkdir()
    for each in [path for path in checkout.iterdir() if path.name not in {".git", "vendored"}]:
        each.rename(checkout / "vendored" / each.name)
    assert urls_of(built("wheel", checkout / "vendored", tmp_path / "wheel")) == []
