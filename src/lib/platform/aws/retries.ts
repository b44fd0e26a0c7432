/** How long one attempt may take. An answer of these services takes well below a second. */
const defaultRequestMs = 15_000;

/**
 * Client settings for services that throttle soon (PutMetricAlarm: a few calls a second): adaptive retries slow down to
 * what the service takes, and an attempt that hangs is given up and repeated.
 */
export function patient(requestMs = defaultRequestMs) {
  return {
    retryMode: 'adaptive',
    maxAttempts: 8,
    requestHandler: {
      connectionTimeout: Math.min(5_000, requestMs),
      requestTimeout: requestMs,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
    },
  };
}
