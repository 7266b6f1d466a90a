import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.urls import reverse

from coopconnexion.calendars import Entry, feed
from coopconnexion.dev.mail_sink import start_sink
from coopconnexion.dev.mailbox import list_heads, read_mail
from coopconnexion.dev.valkey import free_port
from tests.dev.processes import python

NOON = datetime(2026, 3, 5, 11, tzinfo=UTC)
ENTRY = Entry(uid="a@coop.example", sequence=0, stamp=NOON, starts_at=NOON, ends_at=NOON, summary="Rendez-vous")
CALENDAR = feed(name="Permanences", entries=[ENTRY])


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.DEV_MAILBOX = tmp_path
    return tmp_path


@pytest.fixture
def deliver(mailbox):
    """Send a mail to the sink as the site does."""
    port = free_port()
    sink = start_sink(mailbox, port=port)

    def send(message: EmailMessage, *recipients: str) -> str:
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(message, to_addrs=recipients)
        return list_heads(mailbox)[0].name

    yield send
    sink.stop()


def a_mail(subject="Votre rendez-vous est confirmé", text="Bonjour à vous"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "coop@coop.example", "Zoé <zoe@coop.example>"
    message.set_content(text)
    return message


def test_a_mail_is_shown_as_its_reader_would_see_it(client, deliver):
    message = a_mail(text="Bonjour, voyez http://localhost/lien")
    message.add_alternative('<html><head></head><body style="color:red"><p>Bonjour</p></body></html>', subtype="html")
    message.add_attachment(CALENDAR, maintype="text", subtype="calendar", filename="rendez-vous.ics")
    name = deliver(message, "zoe@coop.example")

    page = client.get(reverse("dev:mail", args=[name]))
    frame = client.get(reverse("dev:mail_html", args=[name]))
    part = client.get(reverse("dev:mail_part", args=[name, 0]))

    assert [page.status_code, frame.status_code, part.status_code] == [200, 200, 200]
    assert '<a href="http://localhost/lien"' in page.text
    assert "BEGIN:VCALENDAR" in page.text
    assert '<body style="color:red">' in frame.text
    assert b"".join(part.streaming_content) == CALENDAR
    assert part.headers["Content-Disposition"] == 'attachment; filename="rendez-vous.ics"'


def test_the_frame_of_a_mail_runs_no_script_and_loads_nothing(client, deliver):
    message = a_mail()
    message.add_alternative("<script>alert(1)</script>", subtype="html")
    name = deliver(message, "zoe@coop.example")

    page = client.get(reverse("dev:mail", args=[name]))
    frame = client.get(reverse("dev:mail_html", args=[name]))

    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    assert "script-src" not in frame.headers["Content-Security-Policy"]
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page.text


def test_mails_are_listed_newest_first_and_by_recipient(client, deliver):
    deliver(a_mail("Le premier"), "zoe@coop.example")
    deliver(a_mail("Le deuxième"), "ali@coop.example")
    deliver(a_mail("Le troisième"), "zoe@coop.example")

    def subjects(**query):
        return [head.subject for head in client.get(reverse("dev:mail_list"), query).context["page"]]

    assert subjects() == ["Le troisième", "Le deuxième", "Le premier"]
    assert subjects(a="ZOE@") == ["Le troisième", "Le premier"]
    assert subjects(a="nobody") == []


def test_a_recipient_is_the_one_of_the_envelope(deliver, mailbox):
    deliver(a_mail(), "blind@coop.example")
    assert list_heads(mailbox)[0].recipient == "blind@coop.example"


def test_a_mail_half_written_is_not_listed(client, mailbox):
    (mailbox / ".1-a.eml").write_bytes(b"Subject: x\r\n")
    assert list(client.get(reverse("dev:mail_list")).context["page"]) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 nothing of a mail",
        b"Subject: =?nope?q?=E9?=\r\nContent-Type: text/plain; charset=nope\r\n\r\n\xe9",
        b"To: <<>>,,;\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"To: @\r\nSubject:\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b'Content-Type: text/calendar; name="a\r\n\r\n"b"\r\n\r\nBEGIN',
    ],
)
def test_a_malformed_mail_is_shown_all_the_same(client, mailbox, content):
    (mailbox / "1-a.eml").write_bytes(content)

    pages = [client.get(reverse("dev:mail_list")), client.get(reverse("dev:mail", args=["1-a"]))]
    pages.append(client.get(reverse("dev:mail_html", args=["1-a"])))

    assert [page.status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("name", ["2-b", "settings"])
def test_a_mail_that_does_not_exist_is_not_found(client, mailbox, name):
    assert client.get(reverse("dev:mail", args=[name])).status_code == 404
    assert client.get(f"/messages/..%2F{name}/").status_code == 404


def test_a_part_that_does_not_exist_is_not_found(client, deliver):
    name = deliver(a_mail(), "zoe@coop.example")
    assert client.get(reverse("dev:mail_part", args=[name, 0])).status_code == 404


def test_five_hundred_mails_are_read_page_by_page(client, mailbox):
    for number in range(500):
        (mailbox / f"{number:04}-a.eml").write_bytes(f"To: a@b.c\r\nSubject: {number}\r\n\r\nBonjour".encode())

    page = client.get(reverse("dev:mail_list"), {"page": 20})

    assert [head.subject for head in page.context["page"]] == [str(number) for number in range(24, -1, -1)]


def test_a_mail_without_html_has_no_frame(client, deliver):
    name = deliver(a_mail(), "zoe@coop.example")
    assert "<iframe" not in client.get(reverse("dev:mail", args=[name])).text


def test_the_text_of_a_mail_is_escaped(client, deliver):
    name = deliver(a_mail(text="<script>alert(1)</script>"), "zoe@coop.example")
    assert "<script>alert" not in client.get(reverse("dev:mail", args=[name])).text


def test_a_mail_is_read_whole(deliver, mailbox):
    mail = read_mail(mailbox, deliver(a_mail(text="Ça va ?"), "zoe@coop.example"))
    assert (mail.text.strip(), mail.html, mail.parts) == ("Ça va ?", "", [])


def test_production_has_no_page_of_messages():
    done = python(
        "-c",
        "import django; django.setup()\n"
        "from django.apps import apps\n"
        "from django.urls import Resolver404, resolve\n"
        "assert not apps.is_installed('coopconnexion.dev')\n"
        "try: resolve('/messages/')\n"
        "except Resolver404: print('absent')",
        production=True,
    )
    assert (done.stdout.strip(), done.returncode) == ("absent", 0), done.stderr
