/** What Redshift answers to SQL that it does not take. */
export class RefusedSql extends Error {
  readonly code: string;

  constructor(message: string, code = '42601') {
    super(`ERROR: ${message}`);
    this.code = code;
  }
}
