import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npmConfig } from '../../../../src/lib/platform/npm/config.js';
import { tempDir } from '../../../support/temp-dir.js';

test('what npm would be told: the environment before .npmrc, of which only what registries need', async () => {
  const home = await tempDir();
  await writeFile(join(home, 'ca.pem'), 'certificate');
  await writeFile(
    join(home, '.npmrc'),
    [
      '; a comment = no',
      '# another = no',
      'registry = "https://mirror.invalid/npm/"',
      '@owner:registry=https://owner.invalid/',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the file
      '//owner.invalid/:_authToken=${TOKEN}',
      'strict-ssl=false',
      'https-proxy=http://proxy.invalid',
      `cafile=${join(home, 'ca.pem')}`,
      'save-exact=true',
    ].join('\n'),
  );
  expect(await npmConfig({ home, env: { TOKEN: 't0', npm_config_https_proxy: 'http://other.invalid' } })).toEqual({
    registry: 'https://mirror.invalid/npm/',
    '@owner:registry': 'https://owner.invalid/',
    '//owner.invalid/:_authToken': 't0',
    strictSSL: false,
    httpsProxy: 'http://other.invalid',
    ca: 'certificate',
  });
  const env = { NPM_CONFIG_REGISTRY: 'https://env.invalid', npm_config_userconfig: '/nowhere' };
  expect(await npmConfig({ home, env })).toEqual({ registry: 'https://env.invalid' });
  expect(await npmConfig({ home: '/nowhere', env: {} })).toEqual({});
});
