"""What the decoder's child makes of a picture, and how it says so: a line of JSON, then the renditions' bytes."""

import json
from dataclasses import dataclass

from services.images.rules import Reason, Rejected


@dataclass(frozen=True, slots=True)
class Rendition:
    format: str
    """JPEG or WEBP."""
    width: int
    height: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    width: int
    height: int
    """Of the original, turned upright."""
    renditions: list[Rendition]
    """Smallest first."""

    def to_bytes(self) -> bytes:
        parts = [[made.format, made.width, made.height, len(made.body)] for made in self.renditions]
        said = {"width": self.width, "height": self.height, "renditions": parts}
        return json.dumps(said).encode() + b"\n" + b"".join(made.body for made in self.renditions)

    @classmethod
    def from_bytes(cls, answer: bytes) -> "Rendered":
        """Raises Rejected when that is the answer."""
        line, _, bodies = answer.partition(b"\n")
        said = json.loads(line)
        if "rejection" in said:
            raise Rejected(said["rejection"])
        renditions = []
        for kind, width, height, size in said["renditions"]:
            renditions.append(Rendition(kind, width, height, bodies[:size]))
            bodies = bodies[size:]
        return cls(said["width"], said["height"], renditions)


def rejection_to_bytes(reason: Reason) -> bytes:
    return json.dumps({"rejection": reason}).encode() + b"\n"
