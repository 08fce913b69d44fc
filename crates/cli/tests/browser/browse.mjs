// A browser that notes what pages ask for and complain of.
import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT_CORE);

// What pages say that they cannot do without other hosts: the list of Aim's releases on Home.
const EXPLAINED = [
  /api\.github\.com\/repos\/aimhubio\/aim\/releases.*Content Security Policy/s,
  /Fetch API cannot load https:\/\/api\.github\.com/,
];

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
  let blocked = false;
  const complain = (text) => {
    if (EXPLAINED.some((known) => known.test(text))) {
      blocked ||= /github/.test(text);
      return;
    }
    // What the blocked request for the releases fails with.
    if (blocked && /^TypeError: Failed to fetch/.test(text)) return;
    complaints.push(text);
  };
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
