"""The catalogue through the schema: shapes, permissions, refusals as data, and what each query costs."""

from typing import Any

import pytest

from api.root import schema
from core.viewer import Viewer
from models.product import Product
from schema.context import Context
from schema.node import to_global_id
from services.catalogue import delete_product
from tests.makers import make_product
from tests.recorder import recorded
from tests.store import everything

ADMIN = Viewer("admin", "ADMIN")
CUSTOMER = Viewer("customer")


async def execute(text: str, viewer: Viewer | None = None, **variables: Any) -> Any:
    return await schema.execute(text, variable_values=variables, context_value=Context(viewer=viewer))


async def ask(text: str, viewer: Viewer | None = None, **variables: Any) -> dict[str, Any]:
    result = await execute(text, viewer, **variables)
    assert result.errors is None
    return result.data


def id_of(product: Product) -> str:
    return to_global_id("Product", product.product_id)


def codes(result: Any) -> list[str]:
    return [error.extensions["code"] for error in result.errors]


async def test_a_product_whole():
    product = make_product(sku="TEA-1", name="Sencha", description="Mild.", category="tea", stock=7)
    data = await ask(
        """query($id: ID!) { product(by: {id: $id}) {
            __typename id sku slug name description category status stock version createdAt updatedAt
            price { amount currencyCode }
        } }""",
        id=id_of(product),
    )
    created_at = product.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z").replace(".000", "")
    assert data["product"] == {
        "__typename": "Product",
        "id": id_of(product),
        "sku": "TEA-1",
        "slug": "sencha",
        "name": "Sencha",
        "description": "Mild.",
        "category": "tea",
        "status": "ACTIVE",
        "stock": 7,
        "version": 1,
        "createdAt": created_at,
        "updatedAt": created_at,
        "price": {"amount": "12.50", "currencyCode": "EUR"},
    }


BUDGETS = {
    "query($id: ID!) { product(by: {id: $id}) { name stock description } }": ["BatchGetItem"],
    "query($slug: String!) { product(by: {slug: $slug}) { name stock } }": ["GetItem", "BatchGetItem"],
    "query($sku: String!) { product(by: {sku: $sku}) { name stock } }": ["GetItem", "BatchGetItem"],
    "query($id: ID!) { node(id: $id) { id ... on Product { name stock } } }": ["BatchGetItem"],
    "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { name stock } } }": ["BatchGetItem"],
    "{ products(first: 50) { nodes { id sku slug name category status version price { amount } } } }": ["Query"],
    "{ products(first: 50) { nodes { name stock } } }": ["Query", "BatchGetItem"],
    "{ products(first: 50) { edges { cursor node { stock description } } } }": ["Query", "BatchGetItem"],
    "{ a: products { nodes { stock } } b: products(order: {by: NAME}) { nodes { stock } } }": [
        "Query", "Query", "BatchGetItem",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "calls"), BUDGETS.items())
async def test_what_a_query_costs(text, calls):
    products = [make_product() for _ in range(50)]
    one = products[7]
    possible = {"id": id_of(one), "slug": one.slug, "sku": one.sku, "ids": [id_of(product) for product in products]}
    with recorded() as sent:
        await ask(text, **{name: value for name, value in possible.items() if f"${name}:" in text})
    assert sorted(sent) == sorted(calls)


@pytest.mark.parametrize(
    ("status", "seen_by"), [("ACTIVE", "everyone"), ("DRAFT", "admins"), ("ARCHIVED", "admins"), ("DELETED", "nobody")]
)
async def test_who_sees_a_product(status, seen_by):
    product = make_product(status="ACTIVE" if status == "DELETED" else status)
    if status == "DELETED":
        delete_product(product.product_id)
    text = """query($id: ID!, $slug: String!, $sku: String!) {
        id: product(by: {id: $id}) { id }
        slug: product(by: {slug: $slug}) { id }
        sku: product(by: {sku: $sku}) { id }
        node(id: $id) { id }
        nodes(ids: [$id]) { id }
    }"""
    for viewer, kind in [(None, "everyone"), (CUSTOMER, "everyone"), (ADMIN, "admins")]:
        data = await ask(text, viewer, id=id_of(product), slug=product.slug, sku=product.sku)
        is_seen = seen_by in {"everyone", kind}
        seen = {"id": id_of(product)} if is_seen else None
        assert data == {"id": seen, "slug": seen, "sku": seen, "node": seen, "nodes": [seen]}, viewer


@pytest.mark.parametrize(
    ("by", "reads"),
    [
        ({"id": ""}, []),
        ({"id": "?"}, []),
        ({"id": "UHJvZHVjdA"}, []),
        ({"id": to_global_id("Nothing", "01P")}, []),
        ({"id": to_global_id("Product", "01NEVER")}, ["BatchGetItem", "BatchGetItem"]),
        ({"id": to_global_id("Product", "x" * 2049)}, []),
        ({"id": to_global_id("Product", "")}, []),
        ({"slug": "never"}, ["GetItem"]),
        ({"slug": ""}, []),
        ({"slug": "x" * 2049}, []),
        ({"slug": "\ud800"}, []),
        ({"sku": "NEVER"}, ["GetItem"]),
        ({"sku": ""}, []),
        ({"sku": "x" * 2049}, []),
    ],
)
async def test_what_no_product_is_named_by(by, reads):
    """What could not be a key is not read: DynamoDB answers an empty or too long one with an error."""
    make_product()
    with recorded() as sent:
        assert await ask("query($by: ProductBy!) { product(by: $by) { id } }", by=by) == {"product": None}
        if "id" in by:
            data = await ask("query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }", **by)
            assert data == {"node": None, "nodes": [None]}
    assert sent == reads


async def test_exactly_one_way_to_name_a_product():
    for by in ("{}", '{id: "a", slug: "b"}', "{slug: null}"):
        result = await execute(f"{{ product(by: {by}) {{ id }} }}")
        assert result.data is None
        assert set(codes(result)) == {"GRAPHQL_VALIDATION_FAILED"}


async def test_nodes_in_the_order_asked_for():
    first, second = make_product(), make_product()
    ids = [id_of(second), "garbled", id_of(first), id_of(second)]
    data = await ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert data == {"nodes": [{"id": id_of(second)}, None, {"id": id_of(first)}, {"id": id_of(second)}]}
    assert codes(await execute("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101)) == ["BAD_REQUEST"]


async def test_pages_both_ways():
    for letter in "abcde":
        make_product(name=letter * 3)
    text = """query($first: Int, $after: String, $last: Int, $before: String) {
        products(order: {by: NAME, direction: ASC}, first: $first, after: $after, last: $last, before: $before) {
            nodes { name } edges { cursor node { name } }
            pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
        }
    }"""

    async def page(**window: Any) -> tuple[str, dict[str, Any]]:
        products = (await ask(text, **window))["products"]
        assert [edge["node"] for edge in products["edges"]] == products["nodes"]
        cursors = [edge["cursor"] for edge in products["edges"]]
        assert (products["pageInfo"]["startCursor"], products["pageInfo"]["endCursor"]) == (cursors[0], cursors[-1])
        return "".join(node["name"][0] for node in products["nodes"]), products["pageInfo"]

    names, info = await page(first=2)
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("ab", True, False)
    names, info = await page(first=2, after=info["endCursor"])
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("cd", True, True)
    names, back = await page(last=2, before=info["startCursor"])
    assert (names, back["hasNextPage"], back["hasPreviousPage"]) == ("ab", True, False)
    names, info = await page(first=2, after=info["endCursor"])
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("e", False, True)
    names, info = await page(last=2)
    assert (names, info["hasNextPage"], info["hasPreviousPage"]) == ("de", False, True)
    assert (await page())[0] == (await page(first=None, after=None))[0] == "abcde"


async def test_an_empty_page():
    data = await ask("{ products { edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }")
    info = {"startCursor": None, "endCursor": None, "hasNextPage": False, "hasPreviousPage": False}
    assert data == {"products": {"edges": [], "pageInfo": info}}


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: 101",
        "first: -1",
        "first: 1, last: 1",
        'after: "garbled"',
        'status: DRAFT, category: "tea"',
        "status: DRAFT, order: {by: NAME}",
    ],
)
async def test_what_no_correct_client_asks_for(arguments):
    result = await execute(f"{{ products({arguments}) {{ nodes {{ id }} }} }}", ADMIN)
    assert (result.data, codes(result)) == (None, ["BAD_REQUEST"])


@pytest.mark.parametrize("status", ["DRAFT", "ARCHIVED"])
async def test_what_is_not_active_is_listed_for_admins(status):
    product = make_product(status=status)
    make_product()
    text = f"{{ products(status: {status}) {{ nodes {{ id stock }} }} }}"
    with recorded() as sent:
        assert codes(await execute(text)) == ["UNAUTHENTICATED"]
        assert codes(await execute(text, CUSTOMER)) == ["FORBIDDEN"]
    assert sent == []
    assert await ask(text, ADMIN) == {"products": {"nodes": [{"id": id_of(product), "stock": 10}]}}


CREATE = """mutation($input: CreateProductInput!) { createProduct(input: $input) {
    product { id sku slug name description category status stock version price { amount currencyCode } }
    userErrors { __typename code message field ... on TakenError { suggestion } }
} }"""
NEW = {"sku": "TEA-1", "name": "Sencha", "price": {"amount": "4.50", "currencyCode": "CHF"}}


async def test_create_product():
    with recorded() as sent:
        data = await ask(CREATE, ADMIN, input=NEW)
    assert sent == ["TransactWriteItems"]
    product = data["createProduct"]["product"]
    assert product == {
        "id": product["id"],
        "sku": "TEA-1",
        "slug": "sencha",
        "name": "Sencha",
        "description": None,
        "category": None,
        "status": "DRAFT",
        "stock": 0,
        "version": 1,
        "price": {"amount": "4.50", "currencyCode": "CHF"},
    }
    assert data["createProduct"]["userErrors"] == []
    assert (await ask("query($id: ID!) { node(id: $id) { id } }", ADMIN, id=product["id"]))["node"] is not None


async def test_create_product_refused():
    make_product(sku="TEA-1", slug="sencha")
    before = everything()
    data = await ask(CREATE, ADMIN, input=NEW | {"slug": "sencha"})
    assert data["createProduct"] == {
        "product": None,
        "userErrors": [
            {
                "__typename": "TakenError",
                "code": "TAKEN",
                "message": "Another product has this SKU.",
                "field": ["sku"],
                "suggestion": None,
            },
            {
                "__typename": "TakenError",
                "code": "TAKEN",
                "message": "Another product has this slug.",
                "field": ["slug"],
                "suggestion": "sencha-2",
            },
        ],
    }
    bad = {"sku": "!", "name": "ab", "price": {"amount": "1.001", "currencyCode": "EUR"}, "stock": -1}
    data = await ask(CREATE, ADMIN, input=bad)
    assert data["createProduct"]["product"] is None
    assert [(error["__typename"], error["code"], error["field"]) for error in data["createProduct"]["userErrors"]] == [
        ("InvalidInputError", "INVALID", ["sku"]),
        ("InvalidInputError", "INVALID", ["name"]),
        ("InvalidInputError", "INVALID", ["price", "amount"]),
        ("InvalidInputError", "INVALID", ["stock"]),
    ]
    assert everything() == before


UPDATE = """mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
    product { name description category stock version status price { amount currencyCode } }
    userErrors { __typename code field ... on StaleVersionError { currentVersion } }
} }"""


async def test_update_product_keeps_clears_and_sets():
    product = make_product(name="Sencha", description="Mild.", category="tea")
    data = await ask(UPDATE, ADMIN, input={"productId": id_of(product), "description": None, "status": "ARCHIVED"})
    assert data["updateProduct"] == {
        "product": {
            "name": "Sencha",
            "description": None,
            "category": "tea",
            "stock": 10,
            "version": 2,
            "status": "ARCHIVED",
            "price": {"amount": "12.50", "currencyCode": "EUR"},
        },
        "userErrors": [],
    }
    price = {"amount": "900", "currencyCode": "JPY"}
    data = await ask(UPDATE, ADMIN, input={"productId": id_of(product), "price": price, "expectedVersion": 2})
    assert data["updateProduct"]["product"]["price"] == price
    assert data["updateProduct"]["product"]["version"] == 3
    data = await ask(UPDATE, ADMIN, input={"productId": id_of(product), "name": "Bancha", "expectedVersion": None})
    assert data["updateProduct"]["product"]["version"] == 4


async def test_update_product_refused():
    product = make_product()
    before = everything()
    for values, expected in [
        ({"name": None, "price": None}, [("REQUIRED", ["name"]), ("REQUIRED", ["price"])]),
        ({"name": "Sencha", "expectedVersion": 7}, [("STALE_VERSION", ["expectedVersion"])]),
        ({"productId": to_global_id("Product", "01NEVER")}, [("NOT_FOUND", ["productId"])]),
        ({"productId": to_global_id("User", product.product_id)}, [("NOT_FOUND", ["productId"])]),
        ({"productId": "garbled"}, [("NOT_FOUND", ["productId"])]),
    ]:
        payload = (await ask(UPDATE, ADMIN, input={"productId": id_of(product)} | values))["updateProduct"]
        assert payload["product"] is None
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == expected
    stale = {"productId": id_of(product), "name": "Sencha", "expectedVersion": 7}
    assert (await ask(UPDATE, ADMIN, input=stale))["updateProduct"]["userErrors"][0]["currentVersion"] == 1
    assert everything() == before


async def test_delete_product():
    product = make_product()
    text = """mutation($id: ID!) { deleteProduct(input: {productId: $id}) {
        deletedProductId userErrors { code field }
    } }"""
    deleted = {"deletedProductId": id_of(product), "userErrors": []}
    assert await ask(text, ADMIN, id=id_of(product)) == {"deleteProduct": deleted}
    not_found = {"deletedProductId": None, "userErrors": [{"code": "NOT_FOUND", "field": ["productId"]}]}
    assert await ask(text, ADMIN, id=id_of(product)) == {"deleteProduct": not_found}


ADJUST = """mutation($input: AdjustStockInput!) { adjustStock(input: $input) {
    product { stock version } replayed
    userErrors {
        __typename code field
        ... on InsufficientStockError { requested available product { id stock } }
        ... on IdempotencyError { firstUsedAt }
    }
} }"""


async def test_adjust_stock():
    product = make_product(stock=5)
    request = {"idempotencyKey": "key", "productId": id_of(product), "delta": -3}
    with recorded() as sent:
        data = await ask(ADJUST, ADMIN, input=request)
    assert sent == ["TransactWriteItems", "GetItem"]
    done = {"product": {"stock": 2, "version": 1}, "replayed": False, "userErrors": []}
    assert data == {"adjustStock": done}
    assert await ask(ADJUST, ADMIN, input=request) == {"adjustStock": done | {"replayed": True}}
    (error,) = (await ask(ADJUST, ADMIN, input=request | {"delta": -1}))["adjustStock"]["userErrors"]
    assert (error["__typename"], error["code"]) == ("IdempotencyError", "IDEMPOTENCY_KEY_REUSED")
    assert error["firstUsedAt"].endswith("Z")
    (error,) = (await ask(ADJUST, ADMIN, input=request | {"idempotencyKey": "new"}))["adjustStock"]["userErrors"]
    assert error == {
        "__typename": "InsufficientStockError",
        "code": "INSUFFICIENT_STOCK",
        "field": ["delta"],
        "requested": 3,
        "available": 2,
        "product": {"id": id_of(product), "stock": 2},
    }


async def test_what_one_request_changed_is_what_it_sees_next():
    product = make_product(stock=5)
    text = """mutation($id: ID!) {
        tooMany: adjustStock(input: {idempotencyKey: "1", productId: $id, delta: -9}) {
            userErrors { ... on InsufficientStockError { product { stock } } }
        }
        some: adjustStock(input: {idempotencyKey: "2", productId: $id, delta: -2}) { product { stock } }
        again: adjustStock(input: {idempotencyKey: "3", productId: $id, delta: -9}) {
            userErrors { ... on InsufficientStockError { available product { stock } } }
        }
    }"""
    assert await ask(text, ADMIN, id=id_of(product)) == {
        "tooMany": {"userErrors": [{"product": {"stock": 5}}]},
        "some": {"product": {"stock": 3}},
        "again": {"userErrors": [{"available": 3, "product": {"stock": 3}}]},
    }


MUTATIONS = {
    CREATE: NEW,
    UPDATE: {"productId": "ID", "name": "Bancha"},
    "mutation($input: DeleteProductInput!) { deleteProduct(input: $input) { deletedProductId } }": {"productId": "ID"},
    ADJUST: {"idempotencyKey": "key", "productId": "ID", "delta": 1},
}


@pytest.mark.parametrize(("text", "input_"), MUTATIONS.items())
async def test_changing_the_catalogue_is_for_admins(text, input_):
    product = make_product()
    before = everything()
    values = {name: id_of(product) if value == "ID" else value for name, value in input_.items()}
    with recorded() as sent:
        for viewer, code in [(None, "UNAUTHENTICATED"), (CUSTOMER, "FORBIDDEN")]:
            result = await execute(text, viewer, input=values)
            assert codes(result) == [code]
            assert list(result.data.values()) == [None]
    assert sent == []
    assert everything() == before


async def test_all_failures_at_once_even_of_no_product():
    before = everything()
    data = await ask(
        """mutation($i: UpdateProductInput!, $j: AdjustStockInput!) {
            updateProduct(input: $i) { userErrors { code field } }
            adjustStock(input: $j) { userErrors { code field } }
        }""",
        ADMIN,
        i={"productId": "x", "name": ""},
        j={"productId": "x", "idempotencyKey": "k", "delta": 0},
    )
    no_product = {"code": "NOT_FOUND", "field": ["productId"]}
    assert data["updateProduct"]["userErrors"] == [no_product, {"code": "INVALID", "field": ["name"]}]
    assert data["adjustStock"]["userErrors"] == [{"code": "INVALID", "field": ["delta"]}, no_product]
    assert everything() == before


@pytest.mark.parametrize("delta", [-(2**31), 2**31 - 1])
async def test_a_delta_that_no_stock_can_have(delta):
    product = make_product(stock=3)
    before = everything()
    data = await ask(
        "mutation($i: AdjustStockInput!) { adjustStock(input: $i) { product { id } userErrors { code field } } }",
        ADMIN,
        i={"productId": id_of(product), "idempotencyKey": "k", "delta": delta},
    )
    assert data["adjustStock"] == {"product": None, "userErrors": [{"code": "INVALID", "field": ["delta"]}]}
    assert everything() == before
