"""The shapes that demo products are drawn as."""

from typing import Any

Shape = list[tuple[Any, ...]]
"""(kind, tone, numbers…) on a square of 100: box left top right bottom radius · oval left top right bottom ·
ring left top right bottom width · line width x y x y … · area x y x y … · label left top right bottom."""


def _mug(rim: str) -> Shape:
    return [
        ("ring", "dark", 58, 36, 82, 70, 5),
        ("box", "body", 28, 30, 66, 84, 6),
        ("box", "light", 32, 38, 36, 80, 2),
        ("oval", rim, 28, 25, 66, 35),
        ("oval", "ink", 31, 27, 63, 33.5),
    ]


SHAPES: dict[str, Shape] = {
    "pouch": [
        ("area", "body", 31, 26, 69, 26, 72, 84, 28, 84),
        ("box", "dark", 30, 20, 70, 28, 1),
        ("area", "light", 31, 28, 36, 28, 34, 84, 28, 84),
        ("label", "paper", 37, 44, 66, 68),
        ("oval", "dark", 48, 33, 54, 39),
    ],
    "tin": [
        ("box", "body", 32, 28, 68, 84, 5),
        ("box", "dark", 31, 22, 69, 34, 4),
        ("box", "light", 35, 36, 39, 82, 2),
        ("label", "paper", 42, 46, 66, 70),
    ],
    "dripper": [
        ("area", "body", 24, 28, 76, 28, 58, 66, 42, 66),
        ("area", "light", 24, 28, 34, 28, 47, 66, 42, 66),
        ("ring", "dark", 68, 34, 84, 54, 3),
        ("box", "dark", 22, 24, 78, 30, 3),
        ("box", "body", 30, 66, 70, 72, 3),
        ("box", "dark", 44, 72, 56, 80, 2),
    ],
    "filters": [
        ("area", "dark", 18, 34, 82, 34, 58, 80, 42, 80),
        ("area", "paper", 20, 30, 80, 30, 56, 76, 44, 76),
        ("line", "body", 0.5, 32, 30, 47, 76),
        ("line", "body", 0.5, 68, 30, 53, 76),
        ("line", "dark", 0.6, 50, 30, 50, 76),
    ],
    "grinder": [
        ("line", "steel", 3, 50, 24, 74, 18),
        ("oval", "ink", 70, 12, 80, 22),
        ("box", "steel", 38, 24, 62, 34, 3),
        ("box", "body", 36, 33, 64, 62, 3),
        ("box", "light", 39, 35, 43, 60, 2),
        ("box", "dark", 38, 61, 62, 85, 4),
    ],
    "kettle": [
        ("line", "steel", 4, 60, 70, 78, 62, 80, 40, 88, 34),
        ("ring", "ink", 12, 34, 44, 70, 4),
        ("area", "body", 34, 40, 62, 40, 70, 84, 26, 84),
        ("area", "light", 36, 42, 41, 42, 36, 82, 29, 82),
        ("box", "dark", 34, 35, 62, 42, 2),
        ("oval", "ink", 45, 29, 51, 36),
    ],
    "scale": [
        ("box", "dark", 16, 58, 84, 78, 5),
        ("box", "body", 16, 52, 84, 70, 5),
        ("box", "light", 20, 48, 80, 54, 2),
        ("box", "ink", 34, 59, 66, 67, 2),
        ("line", "paper", 1, 39, 61, 39, 65),
        ("line", "paper", 1, 46, 61, 46, 65),
        ("oval", "paper", 50, 64, 51.5, 65.5),
        ("line", "paper", 1, 56, 61, 56, 65),
    ],
    "press": [
        ("line", "ink", 1.4, 48, 14, 48, 40),
        ("oval", "ink", 44, 10, 52, 18),
        ("ring", "ink", 60, 38, 80, 74, 4),
        ("box", "light", 32, 28, 64, 84, 3),
        ("box", "body", 32, 48, 64, 84, 3),
        ("box", "steel", 30, 24, 66, 31, 3),
        ("line", "steel", 1.6, 32, 46, 64, 46),
        ("box", "steel", 30, 80, 66, 85, 2),
    ],
    "cup": [
        ("ring", "dark", 60, 46, 80, 68, 4),
        ("area", "body", 28, 40, 68, 40, 62, 78, 34, 78),
        ("area", "light", 28, 40, 34, 40, 39, 78, 34, 78),
        ("oval", "dark", 28, 36, 68, 44),
        ("oval", "ink", 31, 37.5, 65, 43),
        ("box", "dark", 22, 78, 74, 82, 2),
    ],
    "mug": _mug(rim="dark"),
    "rimmed mug": _mug(rim="blue"),
    "yunomi": [
        ("box", "body", 34, 30, 66, 84, 7),
        ("box", "light", 38, 36, 42, 80, 2),
        ("line", "dark", 1.2, 34, 58, 42, 56, 50, 58, 58, 56, 66, 58),
        ("oval", "dark", 34, 26, 66, 35),
        ("oval", "ink", 37, 27.5, 63, 33.5),
    ],
    "notebook": [
        ("box", "dark", 31, 21, 73, 83, 2),
        ("box", "paper", 30, 20, 71, 81, 2),
        ("box", "body", 28, 18, 70, 80, 2),
        ("box", "dark", 28, 18, 34, 80, 2),
        ("line", "light", 1.2, 62, 18, 62, 80),
        ("label", "paper", 39, 30, 59, 42),
    ],
    "pencils": [
        *(("area", "body", x, 30, x + 7, 30, x + 7, 84, x, 84) for x in (26, 40, 54, 68)),
        *(("area", "light", x, 30, x + 2.3, 30, x + 2.3, 84, x, 84) for x in (26, 40, 54, 68)),
        *(("area", "paper", x, 30, x + 3.5, 16, x + 7, 30) for x in (26, 40, 54, 68)),
        *(("area", "ink", x + 2.5, 20, x + 3.5, 16, x + 4.5, 20) for x in (26, 40, 54, 68)),
        ("box", "dark", 20, 62, 80, 86, 2),
        ("label", "paper", 36, 67, 64, 81),
    ],
    "cards": [
        ("box", "dark", 36, 22, 78, 58, 2),
        ("box", "body", 28, 32, 70, 68, 2),
        ("box", "paper", 20, 44, 62, 80, 2),
        ("label", "paper", 26, 50, 56, 74),
    ],
    "tote": [
        ("ring", "dark", 36, 10, 64, 56, 2.6),
        ("area", "body", 26, 34, 74, 34, 78, 86, 22, 86),
        ("area", "light", 26, 34, 31, 34, 28, 86, 22, 86),
        ("label", "paper", 38, 50, 62, 70),
    ],
    "backpack": [
        ("ring", "dark", 42, 8, 58, 26, 2.4),
        ("box", "body", 30, 26, 70, 86, 8),
        ("box", "dark", 29, 18, 71, 34, 3),
        ("line", "steel", 1.6, 50, 30, 50, 40),
        ("box", "dark", 36, 54, 64, 80, 4),
        ("line", "light", 1, 36, 61, 64, 61),
        ("box", "light", 33, 38, 36, 80, 1),
    ],
}
