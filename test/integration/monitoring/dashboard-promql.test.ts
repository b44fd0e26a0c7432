import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buildDashboards } from '../../../src/lib/monitoring/dashboards/all.js';
import { panelExpressions } from '../../../src/lib/monitoring/dashboards/expressions.js';
import { alertRulesDocument } from '../../../src/lib/monitoring/grafana/alert-rules.js';
import { dashboardContext } from '../../support/dashboard-context.js';
import { tempDir } from '../../support/temp-dir.js';
import { tool } from '../../support/tools.js';

const promtool = tool('promtool');

async function check(expressions: readonly string[]) {
  const file = join(await tempDir(), 'rules.yaml');
  const rules = expressions.map((expr, index) => ({ record: `panel:query:${index}`, expr }));
  await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }));
  return spawnSync(promtool as string, ['check', 'rules', file], { encoding: 'utf8' });
}

describe.skipIf(promtool === undefined)('the PromQL of the panels', () => {
  it('is PromQL, by promtool', async () => {
    const expressions = panelExpressions(buildDashboards(dashboardContext)).map(({ expr }) => expr);
    expect(expressions.length).toBeGreaterThan(30);
    const { status, stdout, stderr } = await check(expressions);
    expect(stderr).toBe('');
    expect(stdout).toContain(`SUCCESS: ${expressions.length} rules found`);
    expect(status).toBe(0);
  });

  it('is PromQL in the alert rules of Grafana too', async () => {
    const { project, slos } = dashboardContext;
    const document = alertRulesDocument({ project, slos, job: project, contactPoint: undefined });
    const expressions = [...JSON.stringify(document).matchAll(/"expr":("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '']) => JSON.parse(text) as string,
    );
    // Two for servers; for each SLO three for each of four burn rates, and one.
    expect(expressions).toHaveLength(2 + 2 * (4 * 3 + 1));
    expect((await check(expressions)).status).toBe(0);
  });

  it('would not pass if one were broken', async () => {
    expect((await check(['sum by (code) (rate(mlops_requests_total[1m])'])).status).not.toBe(0);
  });
});
