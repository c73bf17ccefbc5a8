"""Pictures of the demo products, drawn here and then uploaded as any client would: by the form, to S3, to the job."""

from threading import Event

DRAWN = {
    "COF-YIRGA-250": ("pouch", "#d98a4b", "Yirgacheffe"),
    "COF-HUILA-250": ("pouch", "#a8483a", "Huila"),
    "COF-ESPRESSO-1000": ("pouch", "#4a3a35", "Espresso"),
    "COF-DECAF-250": ("pouch", "#7fa05a", "Decaf"),
    "TEA-SENCHA-100": ("tin", "#5f9e6e", "Sencha"),
    "TEA-HOJICHA-100": ("tin", "#a86f45", "Hojicha"),
    "TEA-DARJEELING-100": ("tin", "#c2773a", "Darjeeling"),
    "TEA-MINT-60": ("tin", "#3f8f86", "Mint"),
    "KIT-V60-02": ("dripper", "#e3d9cc", ""),
    "KIT-FILTER-02": ("filters", "#c9a77c", ""),
    "KIT-GRINDER-C3": ("grinder", "#5b6472", ""),
    "KIT-KETTLE-900": ("kettle", "#39424e", ""),
    "KIT-SCALE-01": ("scale", "#8d99a6", ""),
    "KIT-PRESS-8": ("press", "#6b4a36", ""),
    "CUP-ESPRESSO-2": ("cup", "#d7cfc4", ""),
    "CUP-MUG-BLUE": ("rimmed mug", "#e9e4da", ""),
    "CUP-MUG-WHITE": ("mug", "#f3f0ea", ""),
    "CUP-YUNOMI": ("yunomi", "#7d8f8a", ""),
    "PAP-NOTE-A5-DOT": ("notebook", "#2f5d7c", "A5"),
    "PAP-NOTE-A6-PLAIN": ("notebook", "#b5533c", "A6"),
    "PAP-PENCIL-12": ("pencils", "#d2a441", "HB"),
    "PAP-CARD-SET": ("cards", "#c46a6a", "hello"),
    "BAG-TOTE-NAT": ("tote", "#d9c7a3", "Kiosk"),
    "BAG-ROLL-OLIVE": ("backpack", "#6c7446", ""),
}


def upload_pictures(stopping: Event) -> None:
    """To the demo products that have none; one after the other, so that whoever works meanwhile hardly notices."""
    import httpx  # noqa: PLC0415 - as Pillow, for those who have time

    from local.drawing import draw  # noqa: PLC0415
    from models.product import Product  # noqa: PLC0415 - reads its settings when loaded
    from models.unique import Unique, guard_key  # noqa: PLC0415
    from services.images.uploading import create_upload  # noqa: PLC0415

    for sku, (shape, colour, label) in DRAWN.items():
        guard = Unique.find(guard_key("SKU", sku))
        product = guard and Product.find(guard.owner_id)
        if stopping.is_set():
            return
        if product and not product.image_ids:
            file = draw(shape, colour, label)
            _, form = create_upload(product.product_id, "image/jpeg", len(file), product.name)
            with httpx.Client(trust_env=False) as browser:
                browser.post(form.url, data=form.fields, files={"file": file}).raise_for_status()
