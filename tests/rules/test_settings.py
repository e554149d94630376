"""Every setting is documented, and every fault is named at once."""

import re
from pathlib import Path

import pytest

from config.settings import SettingsInvalid, from_environment

ROOT = Path(__file__).resolve().parents[2]
GOOD_PRODUCTION = {
    "COURSEWRIGHT_ENV": "production",
    "COURSEWRIGHT_BASE_URL": "https://tool.example.edu",
    "COURSEWRIGHT_DATABASE_URL": "postgresql+psycopg://u:p@db/coursewright",
    "COURSEWRIGHT_BROKER_URL": "redis://broker/0",
    "COURSEWRIGHT_SECRET_KEY": "x" * 40,
}


def _read_in_code() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:text|choice|whole_number|dollars|flag|_one_of)\(\s*(?:read, )?\"([A-Z_]+)\"", source))
    theirs = set(re.findall(r"environ\.get\(\"([A-Z_]+)\"", source))  # names the SDK's users know already
    return {f"COURSEWRIGHT_{name}" for name in asked} | theirs


def test_the_documented_settings_are_exactly_those_that_are_read() -> None:
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    assert documented == _read_in_code()
    assert len(documented) >= 24
    assert "ANTHROPIC_API_KEY" in documented


def test_no_other_module_reads_the_environment_behind_the_settings_back() -> None:
    for package in ("config", "course", "grading", "lti_tool", "workers"):
        for file in (ROOT / package).rglob("*.py"):
            if file.name == "settings.py" or "cli" in file.parts:
                continue
            assert not re.search(r"os\.(environ|getenv)", file.read_text(encoding="utf-8")), file


def test_an_empty_environment_works_for_a_laptop_and_says_what_is_unfit_for_production(tmp_path: Path) -> None:
    settings = from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path)})
    assert settings.base_url == "http://localhost:5000"
    assert settings.unknown_deployments == "accept"
    assert len(settings.warnings) == 4
    again = from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path)})
    assert again.secret_key == settings.secret_key  # sessions survive a restart
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_production_names_every_unfit_value_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        from_environment({"COURSEWRIGHT_ENV": "production", "COURSEWRIGHT_DATA_DIR": str(tmp_path)})
    assert len(caught.value.faults) == 4
    for name in ("BASE_URL", "DATABASE_URL", "BROKER_URL", "SECRET_KEY"):
        assert any(name in fault for fault in caught.value.faults)
    assert not (tmp_path / "secret-key").exists()


def test_production_starts_when_all_is_fit() -> None:
    settings = from_environment(GOOD_PRODUCTION)
    assert settings.is_production
    assert settings.warnings == ()
    assert not settings.allow_private_platforms


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("BASE_URL", "tool.example.edu"),
        ("BASE_URL", "https://user@tool.example.edu"),
        ("BASE_URL", "https://tool.example.edu:99999"),
        ("BASE_URL", "https://example.edu/tool"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "nonsense"),
        ("BROKER_URL", "nonsense"),
        ("DATA_DIR", "/proc/nothing/here"),
        ("TRUSTED_PROXIES", "many"),
        ("TRUSTED_PROXIES", "-1"),
        ("LAUNCH_STATE_SECONDS", "5"),
        ("UNKNOWN_DEPLOYMENTS", "maybe"),
        ("RATE_LIMITS", "yes"),
        ("COURSES", "/no/such/folder"),
        ("CA_FILE", "/no/such/file"),
        ("AI", "true"),
        ("MODEL_TIMEOUT_SECONDS", "1"),
        ("MODEL_CALLS", "0"),
        ("WORKER_THREADS", "300"),
        ("BUDGET_LAB", "cheap"),
        ("BUDGET_MONTH", "-1"),
        ("BUDGET_CONTEXT", "NaN"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FILE", "/no/such/file"),
    ],
)
def test_a_faulty_value_is_refused_by_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=f"COURSEWRIGHT_{name.removesuffix('_FILE')}"):
        from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path), f"COURSEWRIGHT_{name}": value})


def test_open_registration_without_approval_is_for_development_only(tmp_path: Path) -> None:
    assert from_environment(GOOD_PRODUCTION).open_registration == "off"
    asked = {"COURSEWRIGHT_OPEN_REGISTRATION": "on"}
    assert from_environment({**asked, "COURSEWRIGHT_DATA_DIR": str(tmp_path)}).open_registration == "on"
    with pytest.raises(SettingsInvalid, match="COURSEWRIGHT_OPEN_REGISTRATION"):
        from_environment({**GOOD_PRODUCTION, **asked})
    waiting = {**GOOD_PRODUCTION, "COURSEWRIGHT_OPEN_REGISTRATION": "approve"}
    assert from_environment(waiting).open_registration == "approve"


def test_a_default_port_is_left_out_as_browsers_do(tmp_path: Path) -> None:
    address = {"COURSEWRIGHT_BASE_URL": "https://tool.example.edu:443/", "COURSEWRIGHT_DATA_DIR": str(tmp_path)}
    assert from_environment(address).base_url == "https://tool.example.edu"


def test_the_secret_key_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 50 + "\n", encoding="utf-8")
    environment = {key: value for key, value in GOOD_PRODUCTION.items() if key != "COURSEWRIGHT_SECRET_KEY"}
    assert from_environment({**environment, "COURSEWRIGHT_SECRET_KEY_FILE": str(file)}).secret_key == "k" * 50


@pytest.mark.parametrize("value", ["api.anthropic.com", "ftp://gateway", "https://gateway:99999"])
def test_a_faulty_model_address_is_refused_without_repeating_it(value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="ANTHROPIC_BASE_URL") as caught:
        from_environment({"COURSEWRIGHT_DATA_DIR": str(tmp_path), "ANTHROPIC_BASE_URL": value})
    assert value not in str(caught.value).replace("https://api.anthropic.com", "")


def test_budgets_are_dollars_kept_as_millionths(tmp_path: Path) -> None:
    environment = {"COURSEWRIGHT_DATA_DIR": str(tmp_path), "COURSEWRIGHT_BUDGET_LAB": "0.35"}
    assert from_environment(environment).budgets.lab == 350_000


def test_models_take_a_key_and_the_switch(tmp_path: Path) -> None:
    environment = {"COURSEWRIGHT_DATA_DIR": str(tmp_path)}
    assert not from_environment(environment).ai_is_available
    environment["ANTHROPIC_API_KEY"] = " key "
    assert from_environment(environment).ai_is_available
    assert not from_environment({**environment, "COURSEWRIGHT_AI": "off"}).ai_is_available


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(from_environment({**GOOD_PRODUCTION, "ANTHROPIC_API_KEY": "k-of-the-model"}))
    assert "x" * 40 not in shown
    assert "k-of-the-model" not in shown
    assert "u:p@db" not in shown
