/** The counters that everything about SLOs is computed from; each has the label `slo` and exists at 0 from the start. */
export const sloRequests = 'mlops_slo_requests_total';
export const sloGood = 'mlops_slo_good_total';
