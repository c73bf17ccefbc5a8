"""What a mail says: its facts, read when it is sent, and one Jinja template each for HTML and text.

To add a mail: `templates/<name>.html`, `templates/<name>.txt` (which sets the subject), and its facts in facts.py.
"""

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.config import settings
from services.mail.events import BadEvent, MailEvent
from services.mail.facts import FACTS

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"], default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Letter:
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    pictures: dict[str, bytes] = field(default_factory=dict)


def find_letter(event: MailEvent) -> Letter | None:
    """None when what it is about is not there. Raises BadEvent for a template that is not."""
    find_facts = FACTS.get(event.template)
    if find_facts is None:
        raise BadEvent("unknown template")
    facts = find_facts(event.subject_id)
    if facts is None:
        return None
    values = {"base_url": settings().public_base_url, "pictures": facts.pictures, **facts.values}
    text = _templates.get_template(f"{event.template}.txt").make_module(values)
    subject = " ".join(str(text.subject).split())  # type: ignore[attr-defined]
    html = _templates.get_template(f"{event.template}.html").render(values, subject=subject)
    return Letter(facts.recipients, subject, str(text), html, facts.pictures)
