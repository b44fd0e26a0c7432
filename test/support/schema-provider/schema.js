// The name table as the answer to terraform's GetSchema (tfplugin5.proto of hashicorp/terraform), encoded by hand:
// the messages are few, and only written, never read.

const varint = (value) => {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
};
const field = (number, payload) => Buffer.concat([varint((number << 3) | 2), varint(payload.length), payload]);
const text = (number, value) => field(number, Buffer.from(value));
const int = (number, value) => (value ? Buffer.concat([varint(number << 3), varint(Number(value))]) : Buffer.alloc(0));

const entries = (object) => Object.entries(object ?? {});

/** A type of the table, such as `list(string)`, in the JSON form of terraform's type system. */
function typeOf(type) {
  const [, collection, element] = /^(?:(\w+)\()?(\w+)\)?$/.exec(type);
  return collection === undefined ? element : [collection, element];
}

function objectType(block) {
  const attributes = entries(block.attributes).map(([name, text]) => [name, typeOf(text.split(' ')[0])]);
  const nested = entries(block.blocks).map(([name, inner]) => [name, [nestingOf(inner), objectType(inner)]]);
  return ['object', Object.fromEntries([...attributes, ...nested])];
}

const nestingOf = ({ nesting }) => (nesting === 'set' ? 'set' : 'list');

/**
 * Schema.Attribute. The table does not tell which optional attributes the provider fills in when they are not set.
 * All of them may be here, so that a template may refer to each; a test can therefore not assert that one is null.
 */
function attribute(name, type, mode) {
  const optional = mode === 'optional';
  return field(
    2,
    Buffer.concat([
      text(1, name),
      text(2, JSON.stringify(type)),
      int(4, mode === 'required'),
      int(5, optional),
      int(6, optional || mode === 'computed'),
    ]),
  );
}

/** Schema.NestedBlock, nesting SINGLE 1, LIST 2, SET 3. */
function nestedBlock(name, inner) {
  const nesting = { single: 1, list: 2, set: 3 }[inner.nesting];
  const least = inner.required && inner.nesting !== 'single' ? 1 : 0;
  return field(
    3,
    Buffer.concat([text(1, name), field(2, block(inner)), int(3, nesting), int(4, least), int(5, inner.maxItems)]),
  );
}

function block({ attributes, blocks }) {
  const parts = entries(attributes).map(([name, text]) => {
    const [type, mode] = text.split(' ');
    return attribute(name, typeOf(type), mode);
  });
  for (const [name, inner] of entries(blocks)) {
    if (inner.kind === 'block') parts.push(nestedBlock(name, inner));
    else {
      const mode = inner.kind === 'computed' ? 'computed' : inner.required ? 'required' : 'optional';
      parts.push(attribute(name, [nestingOf(inner), objectType(inner)], mode));
    }
  }
  return Buffer.concat(parts);
}

const schema = (of) => field(2, block(of));
const named = (number, [name, of]) => field(number, Buffer.concat([text(1, name), field(2, schema(of))]));

/** GetProviderSchema.Response. */
export function schemaResponse(table) {
  return Buffer.concat([
    field(1, schema(withoutMeta(table.provider))),
    ...entries(table.resources).map((entry) => named(2, entry)),
    ...entries(table.data).map((entry) => named(3, entry)),
  ]);
}

/** `alias` belongs to terraform, not to the provider. */
function withoutMeta({ attributes, ...rest }) {
  const { alias: _alias, ...own } = attributes;
  return { attributes: own, ...rest };
}
