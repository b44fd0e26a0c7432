import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../src/lib/load-test/report/page.js';
import type { LoadTestResult } from '../../../src/lib/load-test/result.js';
import { allWrongResult, sampleResult } from '../../support/load-result.js';
import { tempDir } from '../../support/temp-dir.js';
import { tool } from '../../support/tools.js';

const executablePath = tool('chromium', 'chromium-browser', 'google-chrome');

interface Seen {
  readonly messages: string[];
  readonly requests: string[];
  readonly background: string;
  readonly text: string | null;
  readonly drawn: number[];
  readonly overflow: number;
}

async function look(result: LoadTestResult, colorScheme: 'light' | 'dark', width = 1_200): Promise<Seen> {
  const file = join(await tempDir(), 'report.html');
  await writeFile(file, renderPage(result));
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const messages: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(error.message));
    page.on('dialog', (dialog) => messages.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    const drawn = await page
      .locator('figure svg')
      .evaluateAll((all) =>
        all.map(
          (svg) =>
            [...svg.querySelectorAll('path, rect:not(.hover)')].filter((mark) => mark.getBoundingClientRect().width > 0)
              .length,
        ),
      );
    return {
      messages,
      requests: requests.filter((url) => !url.startsWith('data:') && url !== pathToFileURL(file).href),
      background: await page.evaluate('getComputedStyle(document.body).backgroundColor'),
      text: await page.locator('main').textContent(),
      drawn,
      overflow: await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    };
  } finally {
    await browser.close();
  }
}

describe.skipIf(executablePath === undefined)('the HTML report in Chromium', () => {
  it('draws three charts, asks nobody for anything and has nothing to complain about', async () => {
    const seen = await look(sampleResult(), 'light');
    expect(seen).toMatchObject({ messages: [], requests: [], overflow: 0 });
    expect(seen.drawn).toHaveLength(3);
    expect(seen.drawn.every((marks) => marks > 0)).toBe(true);
    expect(seen.text).toContain('PASS');
  });

  it('is dark where dark is preferred, and fits a phone', async () => {
    const light = await look(sampleResult(), 'light', 390);
    const dark = await look(sampleResult(), 'dark', 390);
    expect(light.background).not.toBe(dark.background);
    expect([light.overflow, dark.overflow]).toEqual([0, 0]);
  });

  it('runs nothing that a target put into its answers', async () => {
    const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const wrong = allWrongResult(evil);
    const seen = await look({ ...wrong, target: { ...wrong.target, url: `http://h/?${evil}` } }, 'light');
    expect(seen).toMatchObject({ messages: [], requests: [] });
    expect(seen.text).toContain(`HTTP 400 ${evil}`);
  });
});
