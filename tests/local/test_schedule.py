"""When schedules fire, and what they bring."""

from datetime import datetime

import pytest
import time_machine

from core.clock import to_text
from local import schedule
from local.event_sources import EventSources
from local.laptop import Laptop
from local.schedule import Schedule
from local.template import TemplateError
from tests.local import handlers
from tests.local.conftest import make_laptop

SATURDAY = "2026-11-21T09:00:00.000Z"


@pytest.mark.parametrize(
    ("expression", "after", "fires"),
    [
        ("rate(1 minute)", SATURDAY, "2026-11-21T09:01:00.000Z"),
        ("rate(6 hours)", SATURDAY, "2026-11-21T15:00:00.000Z"),
        ("rate(2 days)", SATURDAY, "2026-11-23T09:00:00.000Z"),
        ("cron(0 9 * * ? *)", "2026-11-21T08:59:59.999Z", SATURDAY),
        ("cron(0 9 * * ? *)", SATURDAY, "2026-11-22T09:00:00.000Z"),
        ("cron(*/15 * * * ? *)", "2026-11-21T09:15:00.001Z", "2026-11-21T09:30:00.000Z"),
        ("cron(5/20 * * * ? *)", SATURDAY, "2026-11-21T09:05:00.000Z"),
        ("cron(0 8-10 ? * MON-FRI *)", SATURDAY, "2026-11-23T08:00:00.000Z"),
        ("cron(30 23 ? * SUN *)", SATURDAY, "2026-11-22T23:30:00.000Z"),
        ("cron(0 0 1 JAN ? *)", SATURDAY, "2027-01-01T00:00:00.000Z"),
        ("cron(0 12 29 2 ? *)", SATURDAY, "2028-02-29T12:00:00.000Z"),
        ("cron(0,30 12 ? * 7 2026)", SATURDAY, "2026-11-21T12:00:00.000Z"),
    ],
)
def test_next(expression: str, after: str, fires: str) -> None:
    assert to_text(schedule.parse(expression)(datetime.fromisoformat(after))) == fires


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(1 week)",
        "cron(0 9 * * *)",
        "cron(0 9 * * * *)",
        "cron(60 9 * * ? *)",
        "cron(0 9 ? * XXX *)",
    ],
)
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(ValueError, match=r"'"):
        schedule.parse(expression)


def make(kind: str, properties: str) -> Laptop:
    return make_laptop(f"""
        Daily:
          Type: AWS::Serverless::Function
          Properties:
            Handler: tests.local.handlers.answering
            Events: {{Morning: {{Type: {kind}, Properties: {properties}}}}}
    """)


def tick(sources: EventSources) -> None:
    sources.add_due_schedules()
    sources.drain()


@pytest.mark.parametrize(
    ("kind", "place", "source", "detail"),
    [("Schedule", "Schedule", "aws.events", {}), ("ScheduleV2", "ScheduleExpression", "aws.scheduler", "{}")],
)
def test_it_fires_once_each_time(kind: str, place: str, source: str, detail: object) -> None:
    with time_machine.travel("2026-11-21T08:00:00Z", tick=False) as clock:
        laptop = make(kind, f"{{{place}: cron(0 9 * * ? *)}}")
        tick(laptop.sources)
        assert handlers.calls == []
        clock.move_to("2026-11-21T09:00:00.100Z")
        tick(laptop.sources)
        tick(laptop.sources)
        ((event, _),) = handlers.calls
        clock.move_to("2026-11-23T10:00:00Z")  # a laptop that slept over a day's: once, not twice
        tick(laptop.sources)
        assert len(handlers.calls) == 2
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": source,
        "account": "123456789012",
        "time": "2026-11-21T09:00:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:lambda:eu-central-1:123456789012:function:Daily/Daily.Events.Morning"],
        "detail": detail,
    }


def test_an_input_of_the_templates_own() -> None:
    with time_machine.travel("2026-11-21T08:00:00Z", tick=False) as clock:
        laptop = make("Schedule", """{Schedule: rate(1 hour), Input: '{"a": 1}'}""")
        clock.shift(3600)
        tick(laptop.sources)
    assert [event for event, _ in handlers.calls] == [{"a": 1}]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("Schedule", "{Schedule: rate(1 hour), Enabled: false}"),
        ("ScheduleV2", "{ScheduleExpression: rate(1 hour), State: DISABLED}"),
    ],
)
def test_a_disabled_one_never_fires(kind: str, properties: str) -> None:
    assert make(kind, properties).sources.schedules == []


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("{ScheduleExpression: rate(1 week)}", "Daily.Events.Morning.ScheduleExpression: 'rate(1 week)' is neither"),
        ("{}", "Daily.Events.Morning.ScheduleExpression: 'None' is neither"),
        (
            "{ScheduleExpression: rate(1 hour), ScheduleExpressionTimezone: Europe/Zurich}",
            "Daily.Events.Morning.ScheduleExpressionTimezone: only UTC",
        ),
    ],
)
def test_a_wrong_one_is_named(properties: str, message: str) -> None:
    with pytest.raises(TemplateError) as error:
        make("ScheduleV2", properties)
    assert str(error.value).startswith(message)


def test_schedules_are_dataclasses_of_their_function() -> None:
    laptop = make("Schedule", "{Schedule: rate(1 hour)}")
    (found,) = laptop.sources.schedules
    assert isinstance(found, Schedule)
    assert found.function is laptop.functions["Daily"]
