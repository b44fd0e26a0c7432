import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { argumentValue, parseTemplates, readTemplates } from '../../support/hcl.js';

const folder = join(import.meta.dirname, '../../../templates/terraform/gcp');

test('the README says of every part that can be switched how it stands', async () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const told = [...readme.matchAll(/^\| `(enable_\w+)` \| (on|off) \|/gm)].map(([, name, state]) => [name, state]);
  const blocks = await parseTemplates(readTemplates(folder));
  // Settings of a part, told where the part is.
  const settings = ['enable_dns_endpoint', 'enable_flow_logs'];
  const switches = blocks.flatMap((block) => {
    const [name = ''] = block.labels;
    if (block.name !== 'variable' || !name.startsWith('enable_') || settings.includes(name)) return [];
    return [[name, argumentValue(block, 'default') === true ? 'on' : 'off']];
  });
  expect(told.toSorted()).toEqual(switches.toSorted());
});
