// A browser that notes what pages ask for and complain of.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT_CORE);

export async function browse(profile, base) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    viewport: { width: 1400, height: 900 },
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  const complaints = [];
  const complain = (text) => complaints.push(text);
  page.on('console', (message) => message.type() === 'error' && complain(message.text()));
  page.on('pageerror', (error) => complain(String(error)));
  page.on('response', (answer) => answer.status() >= 400 && complain(`${answer.status()} ${answer.url()}`));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== new URL(base).origin)
      complaints.push(`a request to ${url}`);
  });
  return { context, page, complaints };
}

// Keeps a picture of a page on which nothing waits or moves any more.
export async function picture(page, path) {
  await page.locator('#preload-spinner').waitFor({ state: 'hidden' });
  // Charts further down wait until somebody comes to them.
  await page.waitForFunction(() => {
    const waits = (spinner) => {
      const { top, height } = spinner.getBoundingClientRect();
      return height > 0 && top < window.innerHeight;
    };
    return !document.querySelector('.ProgressBar') && ![...document.querySelectorAll('.Spinner')].some(waits);
  });
  await page.screenshot({ path, animations: 'disabled' });
  assert.equal(await page.getByText('JOIN THE AIM COMMUNITY').count(), 0);
}

let failed = 0;
let ran = 0;

export async function test(name, body) {
  ran += 1;
  try {
    await body();
    console.log(`ok ${ran} - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${ran} - ${name}\n# ${String(error.stack ?? error).split('\n').join('\n# ')}`);
  }
}

export function finish() {
  console.log(`1..${ran}`);
  process.exitCode = failed ? 1 : 0;
}
