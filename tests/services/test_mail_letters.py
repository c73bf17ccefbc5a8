"""What mails say."""

from core.config import settings
from models.user import User
from services.mail.events import MailEvent
from services.mail.letters import find_letter


def make_letter(name: str):
    User.new("ann", email="ann@kiosk.example", name=name, role="CUSTOMER").save()
    return find_letter(MailEvent("welcome", "ann"))


def test_welcome():
    letter = make_letter("Ann")
    assert letter.recipients == ("ann@kiosk.example",)
    assert letter.subject == "Welcome to Kiosk"
    assert letter.text == (
        "Hello Ann,\n"
        "\n"
        "Your e-mail address is confirmed and your account is ready. Sign in and look around:\n"
        "\n"
        f"{settings().public_base_url}\n"
        "\n"
        "If you did not sign up, reset the password of this account and nobody else can use it.\n"
        "\n"
        "-- \n"
        f"You get this mail because of your account at {settings().public_base_url}."
    )
    assert "<title>Welcome to Kiosk</title>" in letter.html
    assert letter.html.count(f'href="{settings().public_base_url}"') == 2
    assert letter.html.rstrip().endswith("</html>")


def test_a_name_is_text_in_html_and_itself_in_text():
    letter = make_letter('<script>alert("1")</script> & {{ 7 * 7 }}')
    assert "Hello &lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; {{ 7 * 7 }}</h1>" in letter.html
    assert "<script" not in letter.html
    assert 'Hello <script>alert("1")</script> & {{ 7 * 7 }},' in letter.text


def test_about_nobody():
    assert find_letter(MailEvent("welcome", "nobody")) is None
