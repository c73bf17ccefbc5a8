"""Products: creating, changing and deleting them, their stock, and the lists they stand in."""

from services.catalogue.changing import ProductChanges, delete_product, update_product
from services.catalogue.creating import NewProduct, create_product
from services.catalogue.listing import list_products
from services.catalogue.rules import Price
from services.catalogue.stock import StockAdjustment, adjust_stock

__all__ = [
    "NewProduct",
    "Price",
    "ProductChanges",
    "StockAdjustment",
    "adjust_stock",
    "create_product",
    "delete_product",
    "list_products",
    "update_product",
]
