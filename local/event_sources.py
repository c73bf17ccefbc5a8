"""What makes the template's functions run: its queues, buckets and schedules."""

from threading import Event, Thread
from typing import Any

from core.clock import now
from local import bucket_source
from local.asynchronous import POLL_SECONDS, Line
from local.bucket_source import BucketSource
from local.functions import Function
from local.queue_source import QueueSource
from local.schedule import Schedule
from local.template import Template, TemplateError

_OF_THE_API = {"Api", "HttpApi"}


class EventSources:
    """Checked when made: what the template names must be there."""

    def __init__(self, template: Template, functions: dict[str, Function]) -> None:
        self.line = Line(template)
        self.queues: list[QueueSource] = []
        self.buckets: list[BucketSource] = []
        self.schedules: list[Schedule] = []
        self._threads: list[Thread] = []
        self._stopping = Event()
        for function in functions.values():
            self.line.check(function)
            for name, event in function.resource.properties.get("Events", {}).items():
                self._add(
                    function, f"{function.name}.Events.{name}", event["Type"], event.get("Properties", {}), template
                )

    def _add(self, function: Function, at: str, kind: str, properties: dict[str, Any], template: Template) -> None:
        match kind:
            case "SQS":
                self.queues.append(QueueSource.from_event(function, at, properties, template))
            case "S3":
                self.buckets.append(BucketSource.from_event(function, at, properties, template))
            case "Schedule" | "ScheduleV2":
                if schedule := Schedule.from_event(function, at, kind, properties):
                    self.schedules.append(schedule)
            case _ if kind not in _OF_THE_API:
                raise TemplateError(f"{at}.Type: {kind!r} is not known to local/event_sources.py")

    def listen(self) -> None:
        """To the buckets. They tell nobody again: what is put while nobody listens is not made up for."""
        bucket_source.listen(self.buckets, self.line)

    def start(self) -> None:
        works = [*(source.work for source in self.queues), self.line.work, self._keep_time]
        self._stopping.clear()
        self._threads = [Thread(target=work, args=(self._stopping,), daemon=True) for work in works]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=2)

    def drain(self) -> None:
        """Deliver all that is due, and what comes of it, here and now."""
        while self.line.run_next() or any(source.deliver() for source in self.queues):
            pass

    def _keep_time(self, stopping: Event) -> None:
        while not stopping.wait(POLL_SECONDS):
            self.add_due_schedules()

    def add_due_schedules(self) -> None:
        """Once, however often one was due while the laptop slept."""
        for schedule in self.schedules:
            if schedule.due_at <= now():
                self.line.add(schedule.function, schedule.event(schedule.due_at), schedule.name)
                schedule.due_at = schedule.next_after(now())
