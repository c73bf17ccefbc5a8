// A client of the API and nothing more: what it does, any shop's own page can do.
"use strict";

const form = document.querySelector("form");
const status = document.querySelector("[role=status]");
const shown = document.querySelector("#pictures");
const PICTURE = "id status rejection altText renditions { format width height byteSize url }";
let token = null;

async function ask(query, variables = {}) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(errors[0].message);
  for (const payload of Object.values(data)) if (payload?.userErrors?.length) throw new Error(payload.userErrors[0].message);
  return data;
}

async function signIn() {
  const input = { email: form.dataset.email, password: form.dataset.password };
  const query = "mutation ($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { message } } }";
  token = null;
  token = (await ask(query, { input })).signIn.tokens.accessToken;
}

async function listProducts() {
  const { products } = await ask("{ products(first: 100, order: {by: NAME, direction: ASC}) { nodes { id name } } }");
  form.product.replaceChildren(...products.nodes.map(({ id, name }) => new Option(name, id)));
}

async function upload(file) {
  const input = { productId: form.product.value, contentType: file.type, byteSize: file.size, altText: form.alt.value };
  const query = `mutation ($input: CreateImageUploadInput!) { createImageUpload(input: $input) {
    image { id } upload { url fields { name value } } userErrors { message } } }`;
  const { image, upload } = (await ask(query, { input })).createImageUpload;
  const body = new FormData();
  for (const { name, value } of upload.fields) body.append(name, value);
  body.append("file", file);
  const stored = await fetch(upload.url, { method: "POST", body });
  if (!stored.ok) throw new Error(`S3 answered ${stored.status}`);
  return image.id;
}

async function untilFinished(id) {
  for (;;) {
    const { node } = await ask(`query ($id: ID!) { node(id: $id) { ... on Image { ${PICTURE} } } }`, { id });
    status.textContent = node.rejection ? `${node.status}: ${node.rejection}` : node.status;
    if (node.status === "READY" || node.status === "REJECTED") return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function show() {
  const query = `query ($id: ID!) { product(by: {id: $id}) { images { ${PICTURE} } } }`;
  const { product } = await ask(query, { id: form.product.value });
  shown.replaceChildren(...product.images.flatMap((image) => image.renditions.map((made) => figure(image, made))));
}

function figure(image, { format, width, height, byteSize, url }) {
  const link = Object.assign(document.createElement("a"), { href: url });
  link.append(Object.assign(document.createElement("img"), { src: url, alt: image.altText ?? "", width: width / 2 }));
  const caption = document.createElement("figcaption");
  caption.textContent = `${format} ${width} × ${height}, ${byteSize.toLocaleString("en")} bytes`;
  const whole = document.createElement("figure");
  whole.append(link, caption);
  return whole;
}

async function say(work) {
  try {
    await work();
  } catch (error) {
    status.textContent = error.message;
  }
}

form.product.addEventListener("change", () => say(show));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  say(async () => {
    status.textContent = "Uploading";
    await signIn();
    await untilFinished(await upload(form.file.files[0]));
    await show();
  });
});
say(async () => {
  await signIn();
  await listProducts();
  await show();
});
