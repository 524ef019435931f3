import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.hooks import entries, installer, json_edit
from exporter.hooks.entries import EVENTS
from exporter.hooks.settings_path import SettingsError, settings_path

HOME, PROJECT, FILE = Path("/home/me"), Path("/src/it"), Path("/some/file.json")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
hooks = st.dictionaries(st.text(max_size=3), values, max_size=3)
groups = st.fixed_dictionaries({"hooks": st.lists(hooks, max_size=3)}, optional={"matcher": st.text(max_size=5)})
hooks_by_event = st.dictionaries(
    st.sampled_from(EVENTS) | st.text(max_size=8), st.lists(groups, min_size=1, max_size=2)
)
settings = st.builds(
    lambda others, own: {**others, **own},
    st.dictionaries(st.text(max_size=5).filter(lambda key: key != "hooks"), values, max_size=4),
    st.fixed_dictionaries({}, optional={"hooks": hooks_by_event.filter(bool)}),
)
indents = st.sampled_from([None, 1, 2, 4, "\t"])


@given(before=settings, indent=indents)
def test_uninstall_after_install_restores_the_text(before: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(before, indent=indent) + "\n"
    after = entries.with_recorder(before, lambda event: f"hookmeter_recorder.pl {event}")
    installed = json_edit.edited(text, after)
    assert json_edit.parse(installed) == after
    again = json_edit.edited(installed, entries.without_recorder(after))
    assert json.dumps(json_edit.parse(again)) == json.dumps(before)
    if indent is not None:
        assert again == text


@given(old=values, new=values, indent=indents)
def test_an_edited_text_has_the_new_value(old: object, new: object, indent: int | str | None) -> None:
    text = json_edit.edited(json.dumps(old, indent=indent), new)
    assert json.dumps(json_edit.parse(text)) == json.dumps(new)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_new_parts_get_the_indentation(newline: str, indent: str) -> None:
    text = '{"a": [1,2]}'.replace('"a"', f'{newline}{indent}"a"').replace("]}", f"]{newline}}}{newline}")
    value = {"a": [1, 2], "b": {"c": []}}
    assert json_edit.edited(text, value) == newline.join(
        ["{", f'{indent}"a": [1,2],', f'{indent}"b": {{', f'{indent * 2}"c": []', f"{indent}}}", "}", ""]
    )


def test_settings_on_one_line_stay_on_one_line() -> None:
    assert json_edit.edited('{"a":1}', {"a": 1, "b": [{"c": 2}]}) == '{"a":1, "b": [{"c": 2}]}'


def test_a_byte_order_mark_is_read_past_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(before := b'\xef\xbb\xbf{\r\n  "model": "opus"\r\n}\r\n')
    assert len(installer.install(path, tmp_path / "logs").added) == len(EVENTS)
    assert path.read_bytes().startswith(b'\xef\xbb\xbf{\r\n  "model": "opus",\r\n  "hooks": {\r\n')
    assert len(installer.uninstall(path).removed) == len(EVENTS)
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_file_has_no_settings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert installer.status(path).installed == ()
    assert len(installer.install(path, tmp_path / "logs").added) == len(EVENTS)


def test_an_array_that_the_user_left_empty_is_kept() -> None:
    before: dict[str, object] = {"hooks": {"TaskCompleted": []}}
    installed = entries.with_recorder(before, lambda event: "hookmeter_recorder.pl")
    assert entries.without_recorder(installed) == before
    assert entries.without_recorder({"hooks": {}}) == {"hooks": {}}


@pytest.mark.parametrize(
    ("user", "project", "settings", "config_dir", "path"),
    [
        (True, None, None, None, HOME / ".claude/settings.json"),
        (True, None, None, Path("/config"), Path("/config/settings.json")),
        (False, PROJECT, None, Path("/config"), PROJECT / ".claude/settings.json"),
        (False, None, FILE, Path("/config"), FILE),
    ],
)
def test_the_settings_are_where_claude_code_looks_for_them(
    user: bool, project: Path | None, settings: Path | None, config_dir: Path | None, path: Path
) -> None:
    assert settings_path(user=user, project=project, settings=settings, home=HOME, config_dir=config_dir) == path


def test_exactly_one_settings_file_must_be_chosen() -> None:
    with pytest.raises(SettingsError, match="exactly one"):
        settings_path(user=True, project=PROJECT, settings=None, home=HOME)
    with pytest.raises(SettingsError, match="exactly one"):
        settings_path(user=False, project=None, settings=None, home=HOME)
