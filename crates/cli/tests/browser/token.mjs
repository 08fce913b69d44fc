// The first visit with the token, then pages below a base path by cookie.
import assert from 'node:assert/strict';
import { browse, finish, test } from './browse.mjs';

const { first, base, hashes, profile } = JSON.parse(process.argv[2]);
const { context, page, complaints } = await browse(profile, base);

await test('the token leaves the address, and the pages go on without it', async () => {
  await page.goto(first);
  await page.getByText('Quick navigation').waitFor();
  assert.equal(new URL(page.url()).search, '');
  await page.goto(`${base}/runs`);
  await page.getByText('warm start ünï').first().waitFor();
  await page.goto(`${base}/runs/${hashes[0]}/metrics`);
  await page.getByText('odd values').first().waitFor();
  assert.deepEqual(complaints, []);
});
await context.close();
finish();
