// Every page on a repository with all kinds of data: what it shows is read from the page, what it changes is read back.
import assert from 'node:assert/strict';
import { browse, finish, picture, test } from './browse.mjs';

const { base, hashes, live, screens, profile } = JSON.parse(process.argv[2]);
const { context, page, complaints } = await browse(profile, base);
const [full, second] = hashes;
const objects = hashes.at(-1);
const answer = async (path) => (await fetch(base + path)).json();
const props = async (hash) => (await answer(`/api/runs/${hash}/info`)).props;

// Opens a page and waits for texts on it; a picture is kept.
async function shows(name, path, texts) {
  await page.goto(base + path);
  for (const text of texts) await page.getByText(text).filter({ visible: true }).first().waitFor();
  await picture(page, `${screens}/${name}.png`);
}

async function until(what, holds) {
  for (let tries = 0; tries < 120; tries += 1) {
    if (await holds()) return;
    await page.waitForTimeout(500);
  }
  assert.fail(`it never came: ${what}`);
}

const overview = (await answer('/api/experiments')).find((one) => one.name === 'digits');
const pages = {
  home: ['/', ['digits', 'ablation/α', 'baseline']],
  // The last value of the loss: 1/130.
  runs: ['/runs', ['warm start ünï', '0.00769231', 'to check']],
  metrics: ['/metrics', ['Search']],
  params: ['/params', ['Search']],
  scatters: ['/scatters', ['Search']],
  run: [`/runs/${full}`, ['warm start ünï', 'Finished']],
  'run-params': [`/runs/${full}/run_parameters`, ['日本 ÿ', '3000000000', '9007199254740993']],
  'run-notes': [`/runs/${full}/notes`, ['Save']],
  'run-logs': [`/runs/${full}/logs`, ['line 29']],
  'run-messages': [`/runs/${full}/messages`, ['critical']],
  'run-metrics': [`/runs/${full}/metrics`, ['accuracy', 'system/load_1m', 'odd values']],
  'run-system': [`/runs/${full}/system`, ['cpu']],
  'run-images': [`/runs/${full}/images`, ['No']],
  'run-settings': [`/runs/${full}/settings`, ['Run Properties']],
  experiment: [`/experiments/${overview.id}`, ['digits', 'Total runs']],
  tags: ['/tags', ['baseline', 'to check']],
  bookmarks: ['/bookmarks', ['No Bookmarks']],
  reports: ['/reports', ['any reports']],
};
for (const [name, [path, texts]] of Object.entries(pages)) {
  await test(`the page ${name} shows what there is`, () => shows(name, path, texts));
}

// What each kind of object is drawn as.
const drawn = {
  images: 'img[src^="data:image/png;base64,"]',
  texts: 'text=/text [0-2] of step [0-3]: lorem ipsum/',
  audios: 'text=/tone [0-4]/',
  figures: '.js-plotly-plot',
  distributions: '.DistributionsVisualizer canvas, .DistributionsVisualizer svg, .js-plotly-plot',
};
for (const [kind, what] of Object.entries(drawn)) {
  await test(`the page of a run draws its ${kind}`, async () => {
    await page.goto(`${base}/runs/${objects}/${kind}`);
    await page.locator(what).first().waitFor();
    await picture(page, `${screens}/objects-${kind}.png`);
  });
}

const sequences = [
  ['images', 'images', 'samples'], ['text', 'texts', 'outputs'], ['figures', 'figures', 'curves'],
  ['audios', 'audios', 'tones'],
];
for (const [path, kind, name] of sequences) {
  await test(`the explorer of ${kind} draws what is searched for`, async () => {
    await page.goto(`${base}/${path}`);
    await page.getByRole('button', { name: kind[0].toUpperCase() + kind.slice(1) }).first().click();
    await page.getByRole('option', { name }).first().click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.locator(drawn[kind]).first().waitFor();
    await picture(page, `${screens}/explorer-${kind}.png`);
  });
}

await test('a report is rendered', async () => {
  const code = [
    '# A report', '```aim',
    'metrics = repo.fetch_metrics("metric.name == \'loss\'")',
    'Text("there are " + str(len(metrics)) + " of them")',
    'LineChart(metrics, x="steps", y="values")', '```', '',
  ].join('\n');
  const report = await fetch(`${base}/api/reports`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'mine', description: '', code }),
  });
  await page.goto(`${base}/reports/${(await report.json()).id}`);
  // Two of the run with everything, one of each of the others that are not archived.
  await page.getByText('there are 4 of them').waitFor({ timeout: 300000 });
  await page.locator('path.Line').nth(3).waitFor({ state: 'attached' });
  await picture(page, `${screens}/report.png`);
});

await test('a metric that is searched for is drawn', async () => {
  await page.goto(`${base}/metrics`);
  await page.getByRole('button', { name: 'Metrics' }).click();
  await page.getByRole('option', { name: 'odd values' }).first().click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('warm start ünï').filter({ visible: true }).first().waitFor();
  await page.locator('path.Line').first().waitFor({ state: 'attached' });
  await picture(page, `${screens}/metrics-drawn.png`);
});

await test('the settings of a run rename it and leave its times alone', async () => {
  const before = await props(second);
  await page.goto(`${base}/runs/${second}/settings`);
  await page.locator('.RunDetailSettingsTab input').fill('renamed in the browser');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the new name', async () => (await props(second)).name === 'renamed in the browser');
  const after = await props(second);
  assert.deepEqual([after.creation_time, after.end_time], [before.creation_time, before.end_time]);
});

await test('the settings of a run archive it', async () => {
  await page.goto(`${base}/runs/${second}/settings`);
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await until('the archive flag', async () => (await props(second)).archived);
  await page.getByRole('button', { name: 'Unarchive', exact: true }).waitFor();
});

await test('a note is written', async () => {
  await page.goto(`${base}/runs/${full}/notes`);
  await page.locator('.RunDetailNotesTab__spinnerWrapper').waitFor({ state: 'detached' });
  await page.locator('.RunDetailNotesTab__Editor__container [contenteditable=true]').click();
  await page.keyboard.type('written in the browser');
  await page.getByRole('button', { name: 'Save' }).click();
  const notes = () => answer(`/api/runs/${full}/note`);
  await until('the note', async () => (await notes())[0]?.content.includes('written in the browser'));
  await picture(page, `${screens}/note.png`);
});

await test('a tag is made', async () => {
  await page.goto(`${base}/tags`);
  await page.getByRole('button', { name: 'Create Tag' }).click();
  await page.getByPlaceholder('Name', { exact: true }).fill('made here');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await until('the tag', async () => (await answer('/api/tags')).some((tag) => tag.name === 'made here'));
  await page.locator('.Tags__TagList__tagListBox').getByText('made here').waitFor();
  await picture(page, `${screens}/tag.png`);
});

await test('a live run moves', async () => {
  await page.goto(`${base}/runs`);
  const last = async () => {
    const texts = await page.getByText(/^1[0-9]{5}$/).allTextContents();
    return Math.max(0, ...texts.map(Number));
  };
  await until('a value of the live run', async () => (await last()) >= 100000);
  const seen = await last();
  await page.locator('.LiveUpdateSettings button').click();
  await until('a later value', async () => (await last()) > seen);
  await picture(page, `${screens}/live.png`);
  assert.equal((await props(live)).active, true);
});

await test('nothing went wrong in the console, and nothing was asked of another host', () =>
  assert.deepEqual(complaints, []));
await context.close();
finish();
