// The explorers that compare runs, on a sweep: what they draw is counted, pictures are kept.
import assert from 'node:assert/strict';
import { browse, finish, picture, test } from './browse.mjs';

const { base, runs, screens, profile } = JSON.parse(process.argv[2]);
const { context, page, complaints } = await browse(profile, base);
await page.setViewportSize({ width: 1100, height: 540 });

async function choose(button, options) {
  await page.getByRole('button', { name: button }).click();
  for (const option of options) await page.getByRole('option', { name: option }).first().click();
  await page.keyboard.press('Escape');
}

// While a page is still loading, the menu of an axis may close again.
async function onAxis(axis, name) {
  const option = page.getByRole('option', { name }).or(page.locator('[id*=option]')).first();
  for (let tries = 1; ; tries++) {
    await page.getByText(axis, { exact: true }).click({ force: true });
    await page.keyboard.type(name);
    try {
      await option.waitFor({ timeout: 5000 });
      return page.keyboard.press('Enter');
    } catch (error) {
      if (tries === 12) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

async function draws(what, count) {
  await page.getByRole('button', { name: 'Search' }).click();
  await page.locator(what).nth(count - 1).waitFor({ state: 'attached' });
  assert.equal(await page.locator(what).count(), count);
}

await test('curves of two metrics are drawn, a chart for each', async () => {
  await page.goto(`${base}/metrics`);
  await choose('Metrics', ['loss', 'accuracy']);
  await draws('path.Line', 2 * runs);
  for (const name of ['"accuracy"', '"loss"'])
    await page.getByText(name, { exact: true }).filter({ visible: true }).first().waitFor();
  // The charts alone.
  await page.locator('.ResizeModeActions button').first().click();
  await page.getByText('Manage Columns').waitFor({ state: 'hidden' });
  await picture(page, `${screens}/browser.png`);
});

await test('params are drawn beside a metric, a line for each run', async () => {
  await page.goto(`${base}/params`);
  await choose('Run Params', ['hparams.lr', 'hparams.batch_size', 'loss']);
  await draws('path.Line', runs);
  await page.getByText('lr 0.03, batch 128').first().waitFor();
  await picture(page, `${screens}/params-drawn.png`);
});

await test('a param and a metric are axes, a circle for each run', async () => {
  await page.goto(`${base}/scatters`);
  await onAxis('X axis', 'hparams.lr');
  await onAxis('Y axis', 'loss');
  await draws('circle.Circle', runs);
  await page.getByText('lr 0.03, batch 128').first().waitFor();
  await picture(page, `${screens}/scatters-drawn.png`);
});

await test('nothing went wrong in the console, and nothing was asked of another host', () =>
  assert.deepEqual(complaints, []));
await context.close();
finish();
