/**
 * A SELECT that fails, and with it the transaction, unless the condition holds. Redshift has no RAISE outside of procedures;
 * what it has is a cast of a text that is no number. The text is chosen by the rows, so the cast cannot be done before
 * they are read: CASE around a constant cast or a constant division could be folded while the query is planned.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_CAST_function.html
 * @param condition aggregates over `from`, so that there is exactly one row
 * @param complaint what stands in Redshift's error, a word
 */
export function assertion(condition: string, complaint: string, from: string): string {
  return `SELECT CAST(CASE WHEN ${condition} THEN '1' ELSE '${complaint}' END AS INTEGER) AS verdict FROM ${from}`;
}
