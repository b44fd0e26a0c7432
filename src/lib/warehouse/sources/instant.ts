const time = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6}0*)?)?`;
const offset = String.raw`Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?`;
/**
 * What is an instant, as RE2 and JavaScript both read it: ISO 8601, to the microsecond, which is what a TIMESTAMP holds in every
 * warehouse. DuckDB alone takes names of zones and offsets of days, and drops what is finer.
 */
export const instantPattern = String.raw`\d{4}-\d\d-\d\d([T ]${time})?(${offset})?`;

export const noInstant = 'is no instant such as 2026-01-31T12:00:00Z';
/** Redshift's COPY reads years of four digits. */
export const outOfRange = 'is not within the years 1 to 9999 in UTC';

const instant = new RegExp(`^(?:${instantPattern})$`);
const pieces = /^(.{10})(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(.*)$/;
const firstMs = Date.parse('0001-01-01T00:00:00Z');
const beyondMs = Date.UTC(10_000, 0, 1);

/**
 * An instant of ISO 8601 in UTC, to the microsecond, as every warehouse takes it: `2026-01-31 12:00:00.000000`. Without an
 * offset it is UTC. For what is none, why not.
 */
export function readInstant(value: unknown): { readonly utc: string } | { readonly why: string } {
  if (typeof value !== 'string' || !instant.test(value)) return { why: noInstant };
  const [, day = '', minute = '00:00', second = '00', fraction = '', zone = ''] = pieces.exec(value) ?? [];
  const ms = Date.parse(`${day}T${minute}:${second}Z`);
  // 30 February would be a day of March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day)) return { why: noInstant };
  const utcMs = ms - offsetMs(zone);
  if (utcMs < firstMs || utcMs >= beyondMs) return { why: outOfRange };
  const utc = new Date(utcMs).toISOString().slice(0, 19).replace('T', ' ');
  return { utc: `${utc}.${fraction.padEnd(6, '0').slice(0, 6)}` };
}

/** @param zone `+02`, `-0530`, `+05:30`, `Z` or nothing */
function offsetMs(zone: string): number {
  if (zone === '' || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', ''));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
