// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are Terraform.
import { describe, expect, test } from 'vitest';
import { addressOf, allArguments, argumentValue, parseTemplates } from '../../support/hcl.js';
import { codeIn, referencesIn, traversals } from '../../support/hcl-references.js';

const text = `
# a } in a comment, and "a quote
resource "google_x" "main" {
  name   = "\${split("/", "a}b")[0]}-{" // another {
  labels = {
    a = "1"
    b = [for x in var.list : "\${x.key}" if x.ok]
  }
  /* block { */
  script = <<-EOT
    } not the end
  EOT

  inner { size = 1 }
  inner { size = 2 }

  dynamic "rule" {
    for_each = toset(var.rules)
    content {
      port = rule.value
    }
  }
}

output "y" { value = google_x.main[*].name }
`;

const parse = (content: string) => parseTemplates(new Map([['main.tf', content]]));

describe('parseTemplates', () => {
  test('puts values to lines, whatever stands in strings, comments and heredocs', async () => {
    const [resource, output] = await parse(text);
    expect([resource?.line, output?.line]).toEqual([3, 25]);
    expect(resource?.arguments.map(({ name, line }) => [name, line])).toEqual([
      ['name', 4],
      ['labels', 5],
      ['script', 10],
    ]);
    expect(argumentValue(resource as never, 'script')).toContain('not the end');
    expect(addressOf(output as never)).toBe('output.y');
  });

  test('keeps repeated blocks apart and shows a dynamic block as what it makes', async () => {
    const [resource] = await parse(text);
    const found = resource?.blocks.map((block) => [block.name, block.line, block.arguments[0]?.value]);
    expect(found).toEqual([
      ['inner', 14, 1],
      ['inner', 15, 2],
      ['rule', 17, '${rule.value}'],
    ]);
    expect(resource?.blocks[2]?.dynamic?.[0]?.value).toBe('${toset(var.rules)}');
    expect(allArguments(resource as never).map(({ name }) => name)).toContain('for_each');
  });

  test('says where text is not HCL', async () => {
    await expect(parse('variable "x" {\n  type = \n}\n')).rejects.toThrow(/main\.tf:2/);
    await expect(parse('variable "x" {\n')).rejects.toThrow(/main\.tf/);
  });
});

describe('references', () => {
  test.each([
    ['${var.a}-${local.b.c}', ['var.a', 'local.b.c']],
    ['${x == "var.no" ? google_x.main[0].id : one(google_y.z[*].name)}', ['google_x.main.[].id', 'google_y.z.[].name']],
    ['${join(",", ["${var.inner}"])}', ['var.inner']],
    ['${local.map[var.key].value}', ['local.map.[].value', 'var.key']],
    ['$${var.escaped} var.plain', []],
    ['${[for a, b in var.list : a.b]}', ['var.list', 'a.b']],
    ['${google_x.main.0.id}', ['google_x.main.[].id']],
  ])('of %s', (value, expected) => {
    const found = referencesIn({ name: 'x', value, file: 'main.tf', line: 1 });
    expect(found.map(({ steps }) => steps.join('.'))).toEqual(expected);
  });

  test('code is what stands in interpolations, without the text of strings', () => {
    expect(codeIn('a ${b("c ${d} e")} f')).toEqual(['b("")', 'd']);
    expect(traversals('12.5 + a.b')).toMatchObject([{ text: 'a.b' }]);
  });
});
