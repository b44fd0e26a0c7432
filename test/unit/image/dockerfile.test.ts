import { expect, test } from 'vitest';
import { withLabels } from '../../../src/lib/image/context/dockerfile.js';

test('labels are words of one instruction at the end, whatever is in them', () => {
  const labels = {
    title: 'flights',
    description: 'a "quoted" $HOME \\ back\nRUN id',
    'a b': '¿té?',
  };
  expect(withLabels('FROM base\nCMD ["node"]\n', labels).split('\n')).toEqual([
    'FROM base',
    'CMD ["node"]',
    '',
    'LABEL "title"="flights" \\',
    '      "description"="a \\"quoted\\" \\$HOME \\\\ back RUN id" \\',
    '      "a b"="¿té?"',
    '',
  ]);
  expect(withLabels('FROM base\n', {})).toBe('FROM base\n');
});
