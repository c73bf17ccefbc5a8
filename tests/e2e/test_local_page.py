"""`/local/` in a real browser: a mail in its frame, and a job run by its button."""

import httpx
from playwright.async_api import async_playwright, expect

SIGN_IN = """mutation {
  signIn(input: {email: "customer@kiosk.example", password: "Kiosk-demo-1"}) { userErrors { message } }
}"""


async def test_a_mail_is_read_and_a_job_is_run(kiosk: str, chromium: str) -> None:
    signed_in = httpx.post(f"{kiosk}/graphql", json={"query": SIGN_IN}).json()
    assert signed_in == {"data": {"signIn": {"userErrors": []}}}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page()
        welcome = page.locator("details", has_text="Welcome to Kiosk to customer@kiosk.example").first
        for _ in range(50):
            await page.goto(f"{kiosk}/local/")
            if await welcome.count():
                break
            await page.wait_for_timeout(200)
        await welcome.evaluate("details => { details.open = true }")
        await expect(welcome.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()

        # Not a click: just after a scroll, Chromium may still give it to the frame that was there.
        await page.get_by_role("button", name="Run SweepFunction").press("Enter")
        await expect(page).to_have_url(f"{kiosk}/local/")
        await expect(page.get_by_role("row").filter(has_text="invoke").first).to_contain_text("SweepFunction")
        await browser.close()
