// `node scripts/extract-google-names.js PACKAGE_FOLDER`: reads the unpacked npm package @cdktf/provider-google, which
// was generated from the schema of the google provider, and writes the names, nesting and types of what the GCP
// templates use to test/fixtures/google-provider-names.json. Run it after a template starts to use another type:
//
//   folder=$(mktemp -d)
//   (cd "$folder" && npm pack @cdktf/provider-google@16.12.1 && tar xzf ./*.tgz)
//   node scripts/extract-google-names.js "$folder/package"
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const templates = join(root, 'templates/terraform/gcp');
const target = join(root, 'test/fixtures/google-provider-names.json');

const scalars = { string: 'string', number: 'number', boolean: 'bool', any: 'dynamic' };
const getters = { String: 'string', Number: 'number', Boolean: 'bool', List: 'list(string)' };
const collections = { StringMap: 'map(string)', BooleanMap: 'map(bool)', NumberMap: 'map(number)' };
Object.assign(getters, collections, { NumberList: 'list(number)', AnyMap: 'map(dynamic)' });

/** Resource and data source types that the templates mention, sorted. */
function usedTypes() {
  const text = readdirSync(templates)
    .filter((file) => file.endsWith('.tf'))
    .map((file) => readFileSync(join(templates, file), 'utf8'))
    .join('\n');
  const used = (keyword) => [
    ...new Set([...text.matchAll(new RegExp(`^${keyword} "(google_\\w+)"`, 'gm'))].map(([, type]) => type)),
  ];
  return { resources: used('resource').sort(), data: used('data').sort() };
}

/** The text of every generated file of one kind in a folder of the package. */
function sources(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

function schemaOf(folder, typeName) {
  if (!existsSync(folder)) throw new Error(`The package has no folder for ${typeName}: ${folder}`);
  const js = sources(folder, '.js');
  const main = /^class (\w+) extends cdktf\.Terraform(?:Resource|DataSource|Provider) \{$/m.exec(js)?.[1];
  if (main === undefined || !js.includes(`terraformResourceType: '${typeName}'`)) {
    throw new Error(`${folder} does not hold ${typeName}`);
  }
  const structs = new Map(
    [...js.matchAll(/^function (\w+)ToHclTerraform\(struct\) \{$([\s\S]*?)^\}$/gm)].map(([, name, body]) => [
      name,
      body,
    ]),
  );
  const classes = new Map(
    [...js.matchAll(/^class (\w+) extends cdktf\.\w+ \{$([\s\S]*?)^\}$/gm)].map(([, name, body]) => [name, body]),
  );
  return block({ structs, classes, properties: properties(sources(folder, '.d.ts')) }, main);
}

/**
 * `Interface.property` -> whether it may be left out, and the values its documentation lists (generated from the API's
 * enumerations, so complete).
 */
function properties(dts) {
  const found = new Map();
  for (const [, name, body] of dts.matchAll(/^export interface (\w+)[^{]*\{$([\s\S]*?)^\}$/gm)) {
    for (const [, doc, property, optional] of body.matchAll(/\/\*\*([\s\S]*?)\*\/\s+readonly (\w+)(\??):/g)) {
      const list = /Possible values: \[("[^\]]*")\]/.exec(doc)?.[1];
      const values = list === undefined ? [] : JSON.parse(`[${list}]`);
      found.set(`${name}.${property}`, { required: optional === '', values });
    }
  }
  return found;
}

/**
 * One block of the schema. `owner` is the resource class or the name of a nested struct.
 * Settable entries come from the method that writes HCL, computed ones from the getters of the class.
 */
function block(parsed, owner) {
  const { classes, structs, properties } = parsed;
  const struct = owner[0].toLowerCase() + owner.slice(1);
  // The blocks of a provider have no class of their own, because nothing can refer to them.
  const own = classes.get(owner) ?? classes.get(`${owner}OutputReference`) ?? '';
  const writer = classes.has(owner)
    ? /synthesizeHclAttributes\(\) \{([\s\S]*?)^ {4}\}$/m.exec(own)?.[1]
    : structs.get(struct);
  if (writer === undefined) throw new Error(`Nothing writes ${owner}`);
  const members = new Map(
    [
      ...own.matchAll(
        /this\._(\w+) = new (?:\w+_1\.|cdktf\.)?(\w+?)(OutputReference|List|Map)\(this, "(\w+)"(?:, (\w+))?\)/g,
      ),
    ].map(([, , name, kind, snake, wrapsSet]) => [snake, { name, kind, wrapsSet: wrapsSet === 'true' }]),
  );
  const attributes = {};
  const blocks = {};
  for (const entry of settable(writer)) {
    const property = properties.get(`${owner}.${entry.property}`) ?? properties.get(`${owner}Config.${entry.property}`);
    if (property === undefined) throw new Error(`${owner}.${entry.property} is not declared`);
    const { required, values } = property;
    const member = members.get(entry.name);
    members.delete(entry.name);
    if (entry.nested === undefined) {
      attributes[entry.name] = attribute(entry.type, required ? 'required' : 'optional', values);
    } else {
      const nested = {
        kind: entry.isBlock ? 'block' : 'attribute',
        nesting: entry.nesting,
        ...(required ? { required } : {}),
        // The generator gives a plain reference instead of a list to what the schema allows only once. Of other
        // limits it keeps nothing, so that a maximum of 10, say, is not known here.
        ...(member?.kind === 'OutputReference' && entry.nesting !== 'single' ? { maxItems: 1 } : {}),
      };
      blocks[entry.name] = { ...nested, ...block(parsed, entry.nested) };
    }
  }
  for (const [, getter, name] of own.matchAll(
    /^ {8}return (?:cdktf\.Fn\.tolist\()?this\.get(\w+)Attribute\('(\w+)'\)/gm,
  )) {
    attributes[name] ??= attribute(getters[getter], 'computed');
  }
  for (const [name, member] of members) {
    const type = member.name in collections ? collections[member.name] : undefined;
    if (type !== undefined || member.kind === 'Map') {
      attributes[name] ??= attribute(type ?? `map(${scalars[member.name.toLowerCase()]})`, 'computed');
    } else {
      const nesting = member.wrapsSet ? 'set' : 'list';
      blocks[name] = { kind: 'computed', nesting, ...block(parsed, member.name) };
    }
  }
  return { ...section('attributes', attributes), ...section('blocks', blocks) };
}

/** `"string optional A|B"`: type, mode, and the allowed values where they are known. */
function attribute(type, mode, allowed = []) {
  return [type, mode, ...(allowed.length > 0 ? [allowed.join('|')] : [])].join(' ');
}

/** The provider's argument per API that only a stand-in for that API needs: half of the table, and never used here. */
function withoutEndpoints({ attributes, ...rest }) {
  const kept = Object.entries(attributes).filter(([name]) => !name.endsWith('_custom_endpoint'));
  return { attributes: Object.fromEntries(kept), ...rest };
}

function section(name, entries) {
  const names = Object.keys(entries).sort();
  return names.length === 0 ? {} : { [name]: Object.fromEntries(names.map((key) => [key, entries[key]])) };
}

const entryPattern =
  /^ +(\w+): \{\n +value: (.*),\n +isBlock: (true|false),\n +type: "(\w+)",\n +storageClassType: "(\w+)",\n/gm;

function* settable(writer) {
  const found = [...writer.matchAll(entryPattern)];
  const expected = writer.match(/^ +storageClassType:/gm)?.length ?? 0;
  if (found.length !== expected) throw new Error(`Read ${found.length} of ${expected} entries:\n${writer}`);
  for (const [, name, value, isBlock, shape, storage] of found) {
    const property = /(?:struct\.|this\._)(\w+?)(?:\.internalValue)?\)+$/.exec(value)?.[1];
    if (property === undefined) throw new Error(`No property in ${value}`);
    const nested = /(?<!cdktf\.)\b(?:\w+_1\.)?(\w+)ToHclTerraform/.exec(value.replaceAll(/cdktf\.\w+/g, ''))?.[1];
    if (nested !== undefined) {
      const nesting = { list: 'list', set: 'set', struct: 'single' }[shape];
      if (nesting === undefined) throw new Error(`${name}: a nested ${shape} is not understood`);
      yield { name, property, isBlock: isBlock === 'true', nesting, nested: nested[0].toUpperCase() + nested.slice(1) };
    } else {
      yield { name, property, type: valueType(shape, storage, name) };
    }
  }
}

function valueType(shape, storage, name) {
  const element = scalars[storage.replace(/(List|Map)$/, '')];
  if (element === undefined) throw new Error(`${name}: the type ${shape} of ${storage} is not understood`);
  return shape === 'simple' ? element : `${shape}(${element})`;
}

const packageFolder = process.argv[2];
if (packageFolder === undefined) {
  process.stderr.write('Usage: node scripts/extract-google-names.js PACKAGE_FOLDER\n');
  process.exitCode = 2;
} else {
  const { name, version, license } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const lib = join(packageFolder, 'lib');
  const providerVersion = /providerVersion: '([\d.]+)'/.exec(
    readFileSync(join(lib, 'container-cluster/index.js'), 'utf8'),
  )?.[1];
  const folderOf = (prefix, type) => join(lib, prefix + type.replace('google_', '').replaceAll('_', '-'));
  const { resources, data } = usedTypes();
  const table = {
    source: {
      package: name,
      version,
      license,
      provider: 'hashicorp/google',
      providerVersion,
      extractedBy: 'scripts/extract-google-names.js',
    },
    provider: withoutEndpoints(schemaOf(join(lib, 'provider'), 'google')),
    resources: Object.fromEntries(resources.map((type) => [type, schemaOf(folderOf('', type), type)])),
    data: Object.fromEntries(data.map((type) => [type, schemaOf(folderOf('data-google-', type), type)])),
  };
  writeFileSync(target, `${JSON.stringify(table, null, 1)}\n`);
  const size = resources.length + data.length;
  process.stdout.write(`${target}: ${size} types of ${table.source.provider} ${providerVersion}\n`);
}
