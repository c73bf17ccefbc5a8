"""PNG files made small: the same picture, in fewer bytes."""

from io import BytesIO

from PIL import Image, PngImagePlugin

from services.reports.png import pack


def test_the_same_picture_in_fewer_bytes():
    picture = Image.effect_noise((200, 100), 5).convert("RGBA")
    made = BytesIO()
    picture.save(made, "PNG", compress_level=1)
    packed = pack(made.getvalue())
    assert len(packed) < len(made.getvalue())
    opened = Image.open(BytesIO(packed))
    assert isinstance(opened, PngImagePlugin.PngImageFile)
    assert opened.convert("RGBA").tobytes() == picture.tobytes()
    assert pack(packed) == packed


def test_what_else_is_in_it_stays():
    about = PngImagePlugin.PngInfo()
    about.add_text("Title", "Orders")
    made = BytesIO()
    Image.new("RGB", (3000, 300), "teal").save(made, "PNG", dpi=(144, 144), pnginfo=about)
    opened = Image.open(BytesIO(pack(made.getvalue())))
    opened.load()
    assert (opened.info["Title"], [round(each) for each in opened.info["dpi"]]) == ("Orders", [144, 144])
