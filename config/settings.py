"""What a process is told by its environment, read once, typed and frozen.

Every variable is one field of `Settings`; `docs/settings.md` explains each, and a test compares the two.
"""

import os
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

BUILT_IN_COURSE = Path(__file__).resolve().parent.parent / "course" / "content" / "deep-learning"
MODEL_PRICES = Path(__file__).resolve().parent / "model-prices.yaml"
MODEL_SERVICE = "https://api.anthropic.com"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MINIMUM_SECRET_LENGTH = 32  # characters; 128 bits even when hexadecimal
MINIMUM_TOKEN_LENGTH = 16  # characters


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much may be spent on language models, in millionths of a US dollar; 0 allows nothing.

    `lab`: one attempt at a lab, partner and grader together. `student`: one learner's labs in one context. `context`:
    one context, as long as it lives. `month`: the whole installation in one calendar month (UTC).
    """

    lab: int
    student: int
    context: int
    month: int


class SettingsInvalid(Exception):
    """One or more variables cannot be used. `faults` names all of them at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know before it starts.

    `launch_state_seconds`: how long a login may take, 30–3600 s. `trusted_proxies`: hops, 0–10.
    `open_registration`: who may register an LMS without an invitation: "off" nobody, "on" anybody, "approve" anybody,
    but an administrator has to allow it. `unknown_deployments`: "accept", "approve" or "refuse". `pseudo_locales`:
    whether made-up languages are offered, for tests of the layout. `warnings`: values that are not fit for
    production, in words.
    `support_contact`: whom a learner in distress may turn to, in the institution's words; may be empty.
    `privacy_contact`: whom to ask for a copy or the erasure of what is stored about oneself, likewise.
    `model_timeout_seconds`: how long one call of a language model may take, 5–3600 s.
    `worker_threads`: what one worker process delivers and sweeps at once, 1–256. `model_calls`: how many calls of a
    language model it has in flight at most, 1–2000.
    `log_level`: of our own lines; "debug", "info", "warning" or "error". `metrics_token`: whoever shows it may read
    /metrics; '' for none. `worker_metrics_port`: where a worker answers with what it has counted; 0 for nowhere.
    """

    env: str
    base_url: str
    database_url: str = field(repr=False)  # may hold a password
    broker_url: str = field(repr=False)
    data_dir: Path
    secret_key: str = field(repr=False)
    courses: tuple[Path, ...]
    trusted_proxies: int
    allow_private_platforms: bool
    ca_file: Path | None
    open_registration: str
    rate_limits: bool
    launch_state_seconds: int
    unknown_deployments: str
    pseudo_locales: bool
    support_contact: str
    privacy_contact: str
    ai: bool  # the switch; `ai_is_available` also asks for a key
    model_key: str = field(repr=False)
    model_base_url: str = field(repr=False)  # a gateway's address may hold a token
    partner_model: str
    grader_model: str
    second_grader_model: str
    third_grader_model: str | None
    model_timeout_seconds: int
    model_prices: Path
    budgets: Budgets
    worker_threads: int
    model_calls: int
    log_level: str
    metrics_token: str = field(repr=False)
    worker_metrics_port: int
    warnings: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        """Whether values fit for a laptop only are refused."""
        return self.env == "production"

    @property
    def broker_is_filesystem(self) -> bool:
        """Whether tasks travel through files in the data folder, with no broker to run."""
        return self.broker_url.startswith("filesystem://")

    @property
    def ai_is_available(self) -> bool:
        """Whether a language model may be called at all. Without one, labs go on with their scripted partner."""
        return self.ai and bool(self.model_key)


class _Reader:
    """Reads variables and collects faults, so that an admin mends them in one go."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(f"COURSEWRIGHT_{name}", "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.faults.append(f"COURSEWRIGHT_{name} is {value!r}; it takes {' or '.join(allowed)}.")
            return default
        return value

    def whole_number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            self.faults.append(f"COURSEWRIGHT_{name} is {value!r}; it takes a whole number from {low} to {high}.")
            return default
        return int(value)

    def dollars(self, name: str, default: str) -> int:
        """An amount of US dollars, 0 to a million, as millionths of a dollar."""
        value = self.text(name, default)
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount <= 1_000_000:
            self.faults.append(
                f"COURSEWRIGHT_{name} is {value!r}; it takes an amount of US dollars, such as {default}."
            )
            return 0
        return int(amount * 1_000_000)

    def flag(self, name: str, default: bool) -> bool:
        return self.choice(name, ("on", "off"), "on" if default else "off") == "on"


def from_environment(environ: Mapping[str, str] | None = None, *, port: int = 5000) -> Settings:
    """The settings that `environ` (the process's own by default) asks for; `port` only fills in the default address.

    Raises `SettingsInvalid`, naming every unusable value at once.
    """
    read = _Reader(os.environ if environ is None else environ)
    env = read.choice("ENV", ("development", "production"), "development")
    production = env == "production"
    data_dir = Path(read.text("DATA_DIR", "var")).expanduser().resolve()
    base_url = _base_url(read, port)
    settings = Settings(
        env=env,
        base_url=base_url,
        database_url=_one_of(
            read, "DATABASE_URL", ("sqlite:///", "postgresql"), f"sqlite:///{data_dir / 'coursewright.sqlite'}"
        ),
        broker_url=_one_of(read, "BROKER_URL", ("filesystem://", "redis://", "rediss://"), "filesystem://"),
        data_dir=data_dir,
        secret_key=_secret_key(read, data_dir, production),
        courses=_courses(read),
        trusted_proxies=read.whole_number("TRUSTED_PROXIES", 0, 0, 10),
        allow_private_platforms=read.flag("ALLOW_PRIVATE_PLATFORMS", not production),
        ca_file=_ca_file(read),
        open_registration=_open_registration(read, production),
        rate_limits=read.flag("RATE_LIMITS", True),
        launch_state_seconds=read.whole_number("LAUNCH_STATE_SECONDS", 600, 30, 3600),
        unknown_deployments=read.choice("UNKNOWN_DEPLOYMENTS", ("accept", "approve", "refuse"), "accept"),
        pseudo_locales=read.flag("PSEUDO_LOCALES", False),
        support_contact=read.text("SUPPORT_CONTACT"),
        privacy_contact=read.text("PRIVACY_CONTACT"),
        ai=read.flag("AI", True),
        model_key=read.environ.get("ANTHROPIC_API_KEY", "").strip(),
        model_base_url=_model_base_url(read),
        partner_model=read.text("PARTNER_MODEL", "claude-sonnet-5-5"),
        grader_model=read.text("GRADER_MODEL", "claude-haiku-5-5"),
        second_grader_model=read.text("SECOND_GRADER_MODEL", "claude-sonnet-5-5"),
        third_grader_model=read.text("THIRD_GRADER_MODEL") or None,
        model_timeout_seconds=read.whole_number("MODEL_TIMEOUT_SECONDS", 120, 5, 3600),
        model_prices=Path(read.text("MODEL_PRICES", str(MODEL_PRICES))).expanduser().resolve(),
        budgets=Budgets(
            lab=read.dollars("BUDGET_LAB", "2"),
            student=read.dollars("BUDGET_STUDENT", "10"),
            context=read.dollars("BUDGET_CONTEXT", "300"),
            month=read.dollars("BUDGET_MONTH", "1000"),
        ),
        worker_threads=read.whole_number("WORKER_THREADS", 16, 1, 256),
        model_calls=read.whole_number("MODEL_CALLS", 320, 1, 2000),
        log_level=read.choice("LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        metrics_token=_metrics_token(read),
        worker_metrics_port=read.whole_number("WORKER_METRICS_PORT", 0, 0, 65535),
        warnings=tuple(_unfit_for_production(read, base_url)),
    )
    if production:
        read.faults.extend(settings.warnings)
    if read.faults:
        raise SettingsInvalid(read.faults)
    return settings


def _ca_file(read: _Reader) -> Path | None:
    named = read.text("CA_FILE")
    if not named:
        return None
    file = Path(named).expanduser().resolve()
    try:
        ssl.create_default_context(cafile=file)
    except OSError:  # not there, not readable, or no certificates: ssl.SSLError is one
        read.faults.append(f"COURSEWRIGHT_CA_FILE is {named!r}, which holds no certificates in PEM form.")
    return file


def _base_url(read: _Reader, port: int) -> str:
    value = read.text("BASE_URL", f"http://localhost:{port}").rstrip("/")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        usable = usable and not (parts.path or parts.query or parts.fragment) and (parts.port or 1) > 0
        is_default_port = parts.port == {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        usable, is_default_port = False, False
    if not usable:
        read.faults.append(
            f"COURSEWRIGHT_BASE_URL is {value!r}; it takes an address without a path, such as https://tool.example.edu."
        )
        return f"http://localhost:{port}"
    return value.rpartition(":")[0] if is_default_port else value  # browsers leave it out, and we compare with them


def _open_registration(read: _Reader, production: bool) -> str:
    chosen = read.choice("OPEN_REGISTRATION", ("off", "approve", "on"), "off")
    if chosen == "on" and production:
        read.faults.append(
            "COURSEWRIGHT_OPEN_REGISTRATION may be on in development only; invite platforms one by one instead "
            "(coursewright platforms invite), or let them wait for you to approve them."
        )
    return chosen


def _metrics_token(read: _Reader) -> str:
    value = read.text("METRICS_TOKEN")
    if value and (len(value) < MINIMUM_TOKEN_LENGTH or not value.isascii() or not value.isprintable()):
        read.faults.append(
            f"COURSEWRIGHT_METRICS_TOKEN takes {MINIMUM_TOKEN_LENGTH} or more printable ASCII characters."
        )
        return ""
    return value


def _model_base_url(read: _Reader) -> str:
    value = read.environ.get("ANTHROPIC_BASE_URL", "").strip() or MODEL_SERVICE
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        # The value may hold a gateway's token, so it is not repeated.
        read.faults.append(f"ANTHROPIC_BASE_URL must be an http or https address, such as {MODEL_SERVICE}.")
        return MODEL_SERVICE
    return value


def _one_of(read: _Reader, name: str, beginnings: tuple[str, ...], default: str) -> str:
    value = read.text(name, default)
    if not value.startswith(beginnings) or "://" not in value:
        # The value itself may hold a password, so it is not repeated.
        read.faults.append(f"COURSEWRIGHT_{name} must begin with {' or '.join(beginnings)}.")
        return default
    return value


def _courses(read: _Reader) -> tuple[Path, ...]:
    named = [Path(part).expanduser().resolve() for part in read.text("COURSES").split(os.pathsep) if part.strip()]
    read.faults.extend(
        f"COURSEWRIGHT_COURSES names {folder}, which holds no course.yaml."
        for folder in named
        if not (folder / "course.yaml").is_file()
    )
    return tuple(named) or (BUILT_IN_COURSE,)


def _secret_key(read: _Reader, data_dir: Path, production: bool) -> str:
    value = read.text("SECRET_KEY")
    file = read.text("SECRET_KEY_FILE")
    if not value and file:
        try:
            value = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            read.faults.append(f"COURSEWRIGHT_SECRET_KEY_FILE cannot be read ({error.__class__.__name__}): {file}")
            return ""
    if value and len(value) < MINIMUM_SECRET_LENGTH:
        read.faults.append(f"COURSEWRIGHT_SECRET_KEY is shorter than {MINIMUM_SECRET_LENGTH} characters.")
    return value or ("" if production else _laptop_secret(read, data_dir))


def _laptop_secret(read: _Reader, data_dir: Path) -> str:
    """A key of this data folder's own, made once: sessions survive a restart without anything to configure."""
    file = data_dir / "secret-key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="utf-8").strip()
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(secrets.token_urlsafe(48))
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        read.faults.append(f"COURSEWRIGHT_DATA_DIR cannot be written ({error.__class__.__name__}): {data_dir}")
        return ""


def _unfit_for_production(read: _Reader, base_url: str) -> list[str]:
    unfit = []
    if not base_url.startswith("https://"):
        unfit.append("COURSEWRIGHT_BASE_URL must begin with https:// (browsers drop our cookies otherwise).")
    if not read.text("DATABASE_URL").startswith("postgresql"):
        unfit.append("COURSEWRIGHT_DATABASE_URL must name a PostgreSQL database (postgresql+psycopg://…).")
    if not read.text("BROKER_URL").startswith(("redis://", "rediss://")):
        unfit.append("COURSEWRIGHT_BROKER_URL must name a Redis server (redis://…).")
    if not (read.text("SECRET_KEY") or read.text("SECRET_KEY_FILE")):
        unfit.append(
            "COURSEWRIGHT_SECRET_KEY (or COURSEWRIGHT_SECRET_KEY_FILE) must be set: "
            f"{MINIMUM_SECRET_LENGTH} random characters or more, the same on every machine."
        )
    return unfit
