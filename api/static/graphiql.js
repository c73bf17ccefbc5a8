// GraphiQL with examples in its tabs and a sign-in. Nothing is stored: a reload starts afresh and signed out.
"use strict";

const { createElement: h, useEffect, useState } = React;
const endpoint = location.pathname;
const examples = JSON.parse(document.getElementById("examples").textContent);
const fetcher = GraphiQL.createFetcher({ url: endpoint });

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    tokens { accessToken refreshToken expiresIn }
    viewer { name role }
    userErrors { message }
  }
}`;
const REFRESH = `mutation RefreshSession($input: RefreshSessionInput!) {
  refreshSession(input: $input) { tokens { accessToken refreshToken expiresIn } userErrors { message } }
}`;

/** Values for an example's variables of days, which cannot stand in its text. */
function daysIn(text) {
  const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
  const days = { twoWeeksAgo: day(14), yesterday: day(1), today: day(0) };
  const asked = Object.entries(days).filter(([name]) => text.includes(`$${name}:`));
  return asked.length ? JSON.stringify(Object.fromEntries(asked), null, 2) : "";
}

/** The payload of a mutation's one field; throws what people should read. */
async function mutate(query, input) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors = [] } = await response.json();
  const [payload] = Object.values(data ?? {});
  const refusals = [...errors, ...(payload?.userErrors ?? [])];
  if (refusals.length || !payload) throw new Error(refusals.map((error) => error.message).join(" ") || "No answer.");
  return payload;
}

function Console() {
  const [session, setSession] = useState(null);

  useEffect(() => {
    if (!session) return undefined;
    const { refreshToken, expiresIn } = session.tokens;
    const timer = setTimeout(async () => {
      const renewed = await mutate(REFRESH, { refreshToken }).catch(() => null);
      setSession(renewed && { ...session, tokens: renewed.tokens });
    }, Math.max(expiresIn - 60, 10) * 1000);
    return () => clearTimeout(timer);
  }, [session]);

  const token = session?.tokens.accessToken ?? null;
  return h("div", { className: "console" },
    h("header", { className: "bar" },
      h("h1", null, "Kiosk"),
      session ? h(SignedIn, { viewer: session.viewer, onSignOut: () => setSession(null) }) : h(SignIn, { onSignIn: setSession })),
    h(GraphiQL, {
      fetcher,
      storage: null,
      showPersistHeadersSettings: false,
      defaultTabs: examples.map((text) => ({ query: text.trim(), variables: daysIn(text) })),
      defaultEditorToolsVisibility: "headers",
      inputValueDeprecation: true,
    }, h(GraphiQL.Footer, null, h(Authorization, { token }))));
}

function SignIn({ onSignIn }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [refusal, setRefusal] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function submit(event) {
    event.preventDefault();
    setBusy(true);
    setRefusal("");
    try {
      onSignIn(await mutate(SIGN_IN, { email, password }));
    } catch (error) {
      setRefusal(error.message);
      setBusy(false);
    }
  }

  return h("form", { className: "sign-in", onSubmit: submit },
    refusal && h("span", { className: "refusal", role: "alert" }, refusal),
    h("label", null, "E-mail",
      h("input", { type: "email", required: true, autoComplete: "username", value: email, onChange: (event) => setEmail(event.target.value) })),
    h("label", null, "Password",
      h("input", { type: "password", required: true, autoComplete: "current-password", value: password, onChange: (event) => setPassword(event.target.value) })),
    h("button", { type: "submit", disabled: isBusy }, "Sign in"));
}

function SignedIn({ viewer, onSignOut }) {
  return h("div", { className: "sign-in" },
    h("span", { role: "status" }, `Signed in as ${viewer.name}, ${viewer.role.toLowerCase()}`),
    h("button", { type: "button", onClick: onSignOut }, "Sign out"));
}

/** Puts the token into the Headers editor of whichever tab is shown, and takes it out again. Draws nothing. */
function Authorization({ token }) {
  const { headerEditor, tabs, activeTabIndex } = GraphiQL.React.useEditorContext({ nonNull: true });
  const tab = tabs[activeTabIndex]?.id;
  useEffect(() => {
    if (!headerEditor) return;
    const headers = withToken(headerEditor.getValue(), token);
    if (headers !== headerEditor.getValue()) headerEditor.setValue(headers);
  }, [headerEditor, tab, token]);
  return null;
}

function withToken(text, token) {
  let headers;
  try {
    headers = JSON.parse(text || "{}");
  } catch {
    return text; // half-typed headers are left alone
  }
  delete headers.Authorization;
  if (token) headers.Authorization = `Bearer ${token}`;
  return Object.keys(headers).length ? JSON.stringify(headers, null, 2) : "";
}

ReactDOM.createRoot(document.getElementById("console")).render(h(Console));
