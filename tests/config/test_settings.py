"""The environment: every variable has a default, a check, and an error that tells what to do."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from bot.config.declared import ChatSettings, every_variable
from bot.config.problem import ConfigError
from bot.config.settings import Settings, unknown_variables
from tests.config.files import CHATS

VARIABLES = every_variable(CHATS)

KEY = "k" * 32


def refused(env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.from_environment(env, CHATS)
    return str(caught.value).splitlines()


def test_an_empty_environment_gives_a_tocsin_on_loopback_with_sqlite() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.config_path == Path("tocsin.yaml")
    assert str(settings.listen) == "127.0.0.1:8080"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.uses_sqlite
    assert not settings.is_exposed


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({variable.name: "  " for variable in VARIABLES}, CHATS) == Settings(
        chats=ChatSettings(CHATS)
    )


def test_every_variable_is_read() -> None:
    settings = Settings.from_environment(
        {
            "TOCSIN_CONFIG": "/etc/tocsin.yaml",
            "TOCSIN_DATABASE_URL": "postgresql://tocsin:pw@db/tocsin",
            "TOCSIN_LISTEN": "[::]:9000",
            "TOCSIN_PUBLIC_URL": "https://Tocsin.example.com/",
            "TOCSIN_SECRET_KEY": f"{KEY}, {KEY}2",
            "TOCSIN_SLACK_BOT_TOKEN": "xoxb-1",
            "TOCSIN_SLACK_SIGNING_SECRET": "abcdef",
            "TOCSIN_SLACK_APP_TOKEN": "xapp-1",
            "TOCSIN_SLACK_API_URL": "https://slack-gov.com/api/",
            "TOCSIN_TELEGRAM_BOT_TOKEN": "123:ABC",
            "TOCSIN_TELEGRAM_API_URL": "http://127.0.0.1:8081",
            "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "s_-1",
            "TOCSIN_WEBHOOK_KEY": "webhook",
            "TOCSIN_API_TOKEN": "api",
            "TOCSIN_TRUSTED_PROXIES": "10.0.0.5, 172.16.0.0/12 fd00::/8",
            "TOCSIN_LEASE_SECONDS": "20",
        },
        CHATS,
    )
    assert settings.config_is_named
    assert settings.listen.host == "::"
    assert settings.listen.is_everywhere
    assert settings.public_url == "https://tocsin.example.com"
    assert [key.get_secret_value() for key in settings.secret_keys] == [KEY, f"{KEY}2"]
    of_chats = {
        one.variable.name: settings.chats.of(one)
        for chat in CHATS
        for one in chat.settings
        if not one.variable.is_secret
    }
    assert of_chats["TOCSIN_SLACK_API_URL"] == "https://slack-gov.com/api"
    assert settings.trusted_proxies == tuple(map(ip_network, ("10.0.0.5/32", "172.16.0.0/12", "fd00::/8")))
    assert settings.lease.total_seconds() == 20
    assert not settings.uses_sqlite
    assert settings.is_exposed
    assert None not in {settings.webhook_key, settings.api_token}
    assert settings.chats.values.keys() == {one.variable.name for chat in CHATS for one in chat.settings}


@pytest.mark.parametrize(
    ("text", "host"),
    [("127.0.0.1:80", "127.0.0.1"), ("localhost:80", "localhost"), ("[::1]:80", "::1"), ("127.8.8.8:80", "127.8.8.8")],
)
def test_loopback_is_told_by_name_and_address(text: str, host: str) -> None:
    settings = Settings.from_environment({"TOCSIN_LISTEN": text})
    assert settings.listen.host == host
    assert str(settings.listen) == text
    assert settings.public_url == f"http://{text}"
    assert not settings.is_exposed


@pytest.mark.parametrize("listen", ["0.0.0.0:80", "[::]:80", "10.0.0.1:80", "example.com:80"])
def test_any_other_address_is_exposed(listen: str) -> None:
    assert Settings.from_environment({"TOCSIN_LISTEN": listen}).is_exposed


def test_a_public_url_elsewhere_exposes_a_tocsin_on_loopback() -> None:
    assert Settings.from_environment({"TOCSIN_PUBLIC_URL": "https://tocsin.example.com"}).is_exposed
    assert not Settings.from_environment({"TOCSIN_PUBLIC_URL": "http://localhost:9000"}).is_exposed


SLACK = {"TOCSIN_SLACK_BOT_TOKEN": "xoxb-1"}
TELEGRAM = {"TOCSIN_TELEGRAM_BOT_TOKEN": "1:a"}

CASES: list[tuple[dict[str, str], str]] = [
    ({"TOCSIN_LISTEN": "8080"}, "TOCSIN_LISTEN: '8080' is not host:port; write for example 127.0.0.1:8080, or"),
    ({"TOCSIN_LISTEN": ":8080"}, "TOCSIN_LISTEN: ':8080' is not host:port; write for example 127.0.0.1:8080, or"),
    ({"TOCSIN_LISTEN": "a:99999"}, "TOCSIN_LISTEN: '99999' is not a port; write a number from 1 to 65535"),
    ({"TOCSIN_LISTEN": "::1:8080"}, "TOCSIN_LISTEN: '::1:8080' could be read in two ways; put the IPv6 address in"),
    ({"TOCSIN_LISTEN": "[::x]:80"}, "TOCSIN_LISTEN: '::x' is not an IPv6 address; write for example [::1]:8080"),
    ({"TOCSIN_LISTEN": "http://a:80"}, "TOCSIN_LISTEN: 'http://a:80' could be read in two ways"),
    ({"TOCSIN_LISTEN": "a/b:80"}, "TOCSIN_LISTEN: 'a/b' is not a host; write a name or an address without"),
    ({"TOCSIN_PUBLIC_URL": "tocsin.example.com"}, "TOCSIN_PUBLIC_URL: it is not a URL that starts with http://"),
    ({"TOCSIN_PUBLIC_URL": "https://a/tocsin"}, "TOCSIN_PUBLIC_URL: it has a path, and Tocsin's pages live at the"),
    ({"TOCSIN_PUBLIC_URL": "https://u:p@a"}, "TOCSIN_PUBLIC_URL: it holds a user name or a password; leave out"),
    ({"TOCSIN_PUBLIC_URL": "https://a/?b"}, "TOCSIN_PUBLIC_URL: it has a part after ? or #; leave that part out"),
    ({"TOCSIN_PUBLIC_URL": "https://a:b"}, "TOCSIN_PUBLIC_URL: it is not a URL; write for example https://"),
    ({"TOCSIN_DATABASE_URL": "mysql://a"}, "TOCSIN_DATABASE_URL: it names no database that Tocsin knows; start it"),
    ({"TOCSIN_DATABASE_URL": "postgresql:a"}, "TOCSIN_DATABASE_URL: it names no host; write it as postgresql://"),
    ({"TOCSIN_SECRET_KEY": "short"}, "TOCSIN_SECRET_KEY: the key is shorter than 32 characters; make one: python3"),
    ({"TOCSIN_SECRET_KEY": f"{KEY},a"}, "TOCSIN_SECRET_KEY: a key of its list is shorter than 32 characters"),
    (
        {**SLACK, "TOCSIN_SLACK_APP_TOKEN": "xoxb-2"},
        "TOCSIN_SLACK_APP_TOKEN: it starts with 'xoxb-'; Socket Mode needs",
    ),
    (
        {"TOCSIN_SLACK_BOT_TOKEN": "abc", "TOCSIN_SLACK_APP_TOKEN": "xapp-1"},
        "TOCSIN_SLACK_BOT_TOKEN: it does not start with 'xoxb-'; the bot's token is",
    ),
    ({**SLACK, "TOCSIN_SLACK_SIGNING_SECRET": "xapp-2"}, "TOCSIN_SLACK_SIGNING_SECRET: it holds a token, not the"),
    (SLACK, "TOCSIN_SLACK_BOT_TOKEN: it is set, but there is no way in for what people write in Slack; set TOCSIN"),
    ({"TOCSIN_SLACK_APP_TOKEN": "xapp-1"}, "TOCSIN_SLACK_APP_TOKEN: it is set without TOCSIN_SLACK_BOT_TOKEN; set"),
    ({"TOCSIN_SLACK_API_URL": "slack"}, "TOCSIN_SLACK_API_URL: it is not a URL that starts with http://"),
    ({"TOCSIN_TELEGRAM_BOT_TOKEN": "abc"}, "TOCSIN_TELEGRAM_BOT_TOKEN: it does not look like a bot's token; copy the"),
    ({**TELEGRAM, "TOCSIN_TELEGRAM_WEBHOOK_SECRET": "a b"}, "TOCSIN_TELEGRAM_WEBHOOK_SECRET: Telegram would refuse it"),
    ({"TOCSIN_TELEGRAM_WEBHOOK_SECRET": "a"}, "TOCSIN_TELEGRAM_WEBHOOK_SECRET: it is set without TOCSIN_TELEGRAM_BOT"),
    ({"TOCSIN_WEBHOOK_KEY": "a b"}, "TOCSIN_WEBHOOK_KEY: it holds a space or a letter that HTTP can't carry; make"),
    ({"TOCSIN_API_TOKEN": "schlüssel"}, "TOCSIN_API_TOKEN: it holds a space or a letter that HTTP can't carry; make"),
    ({"TOCSIN_TRUSTED_PROXIES": "proxy"}, "TOCSIN_TRUSTED_PROXIES: 'proxy' is not an address or a network; write"),
    ({"TOCSIN_TRUSTED_PROXIES": "10.0.0.5/8"}, "TOCSIN_TRUSTED_PROXIES: '10.0.0.5/8' names one address and a network"),
    ({"TOCSIN_TRUSTED_PROXIES": "0.0.0.0/0"}, "TOCSIN_TRUSTED_PROXIES: 0.0.0.0/0 means everyone, who could then claim"),
    ({"TOCSIN_LEASE_SECONDS": "soon"}, "TOCSIN_LEASE_SECONDS: it is not a number of seconds from 1 to 300; write"),
]


@pytest.mark.parametrize(("env", "sentence"), CASES, ids=[sentence for _, sentence in CASES])
def test_a_value_that_can_not_be_used_is_told_with_its_remedy(env: dict[str, str], sentence: str) -> None:
    (line,) = refused(env)
    assert line.startswith(sentence)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert len(refused({"TOCSIN_LISTEN": "x", "TOCSIN_API_TOKEN": "a b", "TOCSIN_SECRET_KEY": "c"})) == 3


def test_settings_show_no_secret_when_they_are_printed() -> None:
    env = {
        "TOCSIN_DATABASE_URL": "postgresql://tocsin:hunter2hunter2@db/tocsin",
        "TOCSIN_SECRET_KEY": "hunter2" * 5,
        "TOCSIN_WEBHOOK_KEY": "hunter2hunter2",
        "TOCSIN_API_TOKEN": "hunter2hunter2",
        "TOCSIN_TELEGRAM_BOT_TOKEN": "1:hunter2hunter2",
    }
    assert "hunter2" not in repr(Settings.from_environment(env, CHATS))


def test_no_error_repeats_a_secret() -> None:
    secret = "hunter2 hunter2"
    env = {variable.name: secret for variable in VARIABLES if variable.is_secret}
    lines = refused(env)
    assert len(lines) >= len(env)
    assert "hunter2" not in "\n".join(lines)


def test_a_mistyped_variable_is_warned_of() -> None:
    env = {"TOCSIN_SLACK_BOT_TOKN": "x", "TOCSIN_FOO_BAR_BAZ_QUX": "y", "TOCSIN_AMIRA": "pw", "HOME": "/"}
    first, second = unknown_variables(env, frozenset({"TOCSIN_AMIRA"}), CHATS)
    assert str(first).startswith("TOCSIN_FOO_BAR_BAZ_QUX: warning: Tocsin has no such variable; ")
    assert str(second) == (
        "TOCSIN_SLACK_BOT_TOKN: warning: Tocsin has no such variable; did you mean TOCSIN_SLACK_BOT_TOKEN?"
    )
