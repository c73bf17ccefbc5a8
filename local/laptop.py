"""One laptop: the template it runs, its functions and what feeds them."""

import os
from dataclasses import dataclass, field
from typing import Any

from local import dynamodb, embedded, environment, functions, mailbox, resources, runs, wiring
from local.event_sources import EventSources
from local.functions import Function
from local.template import Template


@dataclass(frozen=True, slots=True)
class Laptop:
    template: Template
    functions: dict[str, Function]
    sources: EventSources
    _tables: dict[str, Any] = field(default_factory=dict)
    """As they were made, for the next time; empty when DynamoDB Local keeps them."""

    @classmethod
    def start(cls) -> "Laptop":
        environment.forget_own_aws()
        laptop = cls.from_template(Template.read(environment.parameters(os.environ), environment.REGION))
        os.environ |= environment.variables(laptop.template, embedded.listen())
        embedded.start()
        dynamodb.install()
        laptop._make()
        return laptop

    @classmethod
    def from_template(cls, template: Template) -> "Laptop":
        """Checked: the handlers, tables, queues, buckets and index keys it names are there."""
        wiring.check(template)
        for table in template.of_type("AWS::DynamoDB::Table"):
            resources.check_keys(table)
        found = functions.read(template)
        return cls(template, found, EventSources(template, found))

    def reset(self) -> None:
        embedded.forget_everything()
        self.sources.line.forget()
        mailbox.empty()
        runs.forget()
        functions.forget()
        self._make()

    def stop(self) -> None:
        self.sources.stop()
        embedded.stop()

    def _make(self) -> None:
        resources.make(self.template)
        if self._tables:
            dynamodb.put_tables(self._tables)
        else:
            resources.make_tables(self.template)
            self._tables.update(dynamodb.empty_tables())
        embedded.on_first_use("s3", self.sources.listen)
