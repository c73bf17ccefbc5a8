"""What the sweeper does about pictures: by the time that is written in them, to the second, and never twice."""

from datetime import datetime, timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from core.clock import now
from core.config import settings
from core.errors import Refused
from jobs.sweep import handler as sweep
from models.image import Image
from models.product import Product
from services.catalogue import delete_product
from services.images import housekeeping, moves, processing
from services.images.housekeeping import sweep_images
from services.images.removing import delete_image
from tests.makers import make_product
from tests.services.images.originals import card, oriented, saved
from tests.services.images.uploads import deliver, make_upload, media, objects, put, read, s3_calls, state
from tests.store import rows

NOON = datetime.fromisoformat("2026-11-21T12:00:00Z")
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def uploads() -> set[str]:
    return set(objects(settings().uploads_bucket))


@pytest.mark.parametrize(("after", "swept"), [(HOUR - SECOND, 0), (HOUR, 1), (HOUR + SECOND, 1)])
def test_F04_an_upload_that_never_came(clock, after, swept):
    row = make_upload()
    clock.move_to(NOON + after)
    assert sweep_images(now()) == swept
    assert state(read(row)) == (("REJECTED", "NEVER_UPLOADED") if swept else ("AWAITING_UPLOAD", None))


def test_F05_an_upload_that_came_while_it_was_swept(clock):
    """The sweeper read it before; the conditional write that comes second loses."""
    row = make_upload(oriented(1))
    clock.move_to(NOON + HOUR)
    stale = read(row)
    deliver(row)
    assert moves.reject(stale, now(), "NEVER_UPLOADED") is False
    assert state(read(row)) == ("READY", None)


def test_F06_two_sweepers_at_once(clock):
    row = deliver(make_upload(oriented(1)))
    clock.move_to(NOON + HOUR)
    others = [None]

    def sweep_too() -> None:
        if others == [None]:
            others[0] = 0
            others[0] = sweep_images(now())

    with s3_calls("ListObjectsV2", sweep_too):
        assert sweep_images(now()) == 1
    assert others == [1]
    assert state(read(row)) == ("READY", None)
    assert sorted(media()) == [made["key"] for made in row.renditions]


def test_what_is_not_finished_within_a_day_will_not_be(clock):
    row = make_upload(oriented(1))
    moves.begin(read(row), now())
    clock.move_to(NOON + moves.PROCESSING_WINDOW - SECOND)
    assert sweep_images(now()) == 0
    clock.move_to(NOON + moves.PROCESSING_WINDOW)
    assert sweep_images(now()) == 1
    assert state(read(row)) == ("REJECTED", "CORRUPT")


def test_the_original_and_orphans_go_once_a_picture_is_settled(clock):
    row = deliver(make_upload(oriented(1)))
    orphan = f"images/{row.image_id}/0123456789abcdef/200.jpg"
    others = f"images/{row.image_id}0/0123456789abcdef/200.jpg"
    for key in (orphan, others):
        put(key, b"", settings().media_bucket)
    clock.move_to(NOON + HOUR)
    assert sweep_images(now()) == 1
    assert uploads() == set()
    assert set(media()) == {made["key"] for made in row.renditions} | {others}
    assert sweep_images(now() + timedelta(days=400)) == 0
    assert state(read(row)) == ("READY", None)


def test_a_rejected_picture_is_tidied_and_stays_to_tell_why(clock):
    row = deliver(make_upload(b"<svg/>"))
    clock.move_to(NOON + HOUR)
    assert sweep_images(now()) == 1
    assert uploads() == set()
    assert state(read(row)) == ("REJECTED", "UNSUPPORTED_TYPE")


def test_a_deleted_picture_goes_at_once_and_its_row_when_nobody_can_write_any_more(clock):
    row = deliver(make_upload(oriented(1)))
    kept = deliver(make_upload(oriented(1)))
    delete_image(row.image_id)
    sweep({}, None)
    assert uploads() == {f"uploads/{kept.image_id}"}
    assert set(media()) == {made["key"] for made in kept.renditions}
    assert read(row).status == "DELETED"

    late = f"images/{row.image_id}/0123456789abcdef/200.jpg"
    put(late, b"", settings().media_bucket)
    deliver(row)
    clock.move_to(NOON + HOUR)
    sweep({}, None)
    assert late not in media()
    assert [stored["image_id"] for stored in rows(settings().images_table)] == [kept.image_id]


def test_deleted_while_it_is_processed(clock, monkeypatch):
    row = make_upload(oriented(1))
    real = processing.render

    def render(original):
        delete_image(row.image_id)
        sweep_images(now())
        return real(original)

    monkeypatch.setattr(processing, "render", render)
    assert deliver(row).status == "DELETED"
    assert len(media()) == 6
    clock.move_to(NOON + HOUR)
    sweep_images(now())
    assert media() == {}
    assert rows(settings().images_table) == []


def test_deleting_takes_it_out_of_its_products_list():
    product = make_product()
    first, second, third = (make_upload(product=product) for _ in range(3))
    delete_image(second.image_id)
    product.refresh()
    assert (product.image_ids, product.version) == ([first.image_id, third.image_id], 5)
    with pytest.raises(Refused) as refused:
        delete_image(second.image_id)
    assert [(error.code, error.field) for error in refused.value.errors] == [("NOT_FOUND", ("imageId",))]
    product.refresh()
    assert product.version == 5


def test_deleting_a_product_deletes_its_pictures(clock):
    product = make_product()
    ready, awaiting = deliver(make_upload(oriented(1), product)), make_upload(product=product)
    other = deliver(make_upload(saved(card(90, 60), "PNG")))
    delete_product(product.product_id)
    assert {read(row).status for row in (ready, awaiting)} == {"DELETED"}
    assert sweep_images(now()) == 2
    clock.move_to(NOON + HOUR)
    assert sweep_images(now()) == 3
    assert [row["image_id"] for row in rows(settings().images_table)] == [other.image_id]
    assert set(media()) == {made["key"] for made in other.renditions}
    assert uploads() == set()
    assert Product.get(product.product_id).status == "DELETED"


def test_an_index_that_is_behind_is_not_believed(clock):
    row = make_upload()
    row.update([Image.due_sort.set("2026-11-21T11:00:00.000Z#x")])
    stale = list(Image.due.query(row.due_shard))
    assert len(stale) == 1
    row.update([Image.due_sort.set(f"2026-11-21T13:00:00.000Z#{row.image_id}")])
    assert housekeeping._sweep(row.image_id, now()) == 0
    assert state(read(row)) == ("AWAITING_UPLOAD", None)


def test_one_that_fails_keeps_no_other_from_its_turn(clock):
    first, second = deliver(make_upload(oriented(1))), deliver(make_upload(oriented(1)))
    clock.move_to(NOON + HOUR)
    failed = []

    def fail_once() -> None:
        if not failed:
            failed.append(True)
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your request rate."}}, "DeleteObject")

    with s3_calls("DeleteObject", fail_once):
        assert sweep_images(now()) == 1
    assert len(uploads()) == 1
    assert sweep_images(now()) == 1
    assert uploads() == set()
    assert {state(read(row)) for row in (first, second)} == {("READY", None)}
