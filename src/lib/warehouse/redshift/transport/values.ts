import { jsonDocument } from '../../rows/json-document.js';
import type { QueryValue } from '../../types.js';

/**
 * A value of Redshift as JSON. Whole numbers of 8 bytes and decimals stay text, because a double cannot hold all of them;
 * instants get their T; a SUPER is the document it holds.
 * @param type as the Data API or a catalog calls it: `int8`, `timestamp`, `super`
 */
export function queryValue(value: string | number | boolean | null, type: string): QueryValue {
  if (value === null) return null;
  switch (type) {
    case 'int8':
    case 'numeric':
      return String(value);
    case 'int2':
    case 'int4':
    case 'float4':
    case 'float8':
      return finite(value);
    case 'bool':
      return value === true || value === 't' || value === 'true';
    case 'timestamp':
      return String(value).replace(' ', 'T');
    case 'timestamptz':
      return String(value)
        .replace(' ', 'T')
        .replace(/\+00(:00)?$/, 'Z');
    case 'super':
      return jsonDocument(String(value));
    default:
      return value;
  }
}

/** NaN and the infinities are no JSON. */
function finite(value: string | number | boolean): QueryValue {
  const number = Number(value);
  return Number.isFinite(number) ? number : String(value);
}
