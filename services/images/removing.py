"""Taking pictures away: out of the product's list at once, their objects by the sweeper within minutes."""

from core.clock import now
from core.errors import NotFoundError, Refused, RetryError
from models.image import DELETED, Image
from models.product import Product
from models.transaction import ConditionFailed, Write, commit, update
from services.images.moves import deletion

TRIES = 5


def delete_image(image_id: str) -> None:
    for _ in range(TRIES):
        row = Image.find(image_id, consistent=True)
        if row is None or row.status == DELETED:
            raise Refused(NotFoundError(message="There is no such image.", field=("imageId",)))
        moment = now()
        product = Product(product_id=row.product_id)
        product.refresh(consistent_read=True)
        version = product.version
        image_ids = [other for other in product.image_ids if other != image_id]
        actions = product.change(image_ids=image_ids, version=version + 1, updated_at=moment)
        try:
            commit([deletion(row, moment), update(product, actions, Product.version == version)])
        except ConditionFailed:
            continue
        return
    raise Refused(RetryError(message="Others change the product all the time. Nothing was changed: please try again."))


def deletions(product: Product) -> list[Write]:
    """Of all its pictures, for the transaction that deletes the product."""
    moment = now()
    return [deletion(Image(image_id=image_id), moment) for image_id in product.image_ids]
