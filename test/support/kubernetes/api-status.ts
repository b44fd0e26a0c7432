/** An answer of the API that says no, as kubectl prints it (metav1.Status). */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: unknown;

  constructor(code: number, reason: string, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus() {
    const { code, reason, message, details } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code, details };
  }
}

export function notFound(plural: string, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${plural} "${name}" not found`, { name, kind: plural });
}

export function alreadyExists(plural: string, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${plural} "${name}" already exists`, { name, kind: plural });
}

/** A write that is based on another version than the one that is there. */
export function outdated(plural: string, name: string): ApiError {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${plural} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, { name, kind: plural });
}

export function forbidden(given: {
  user: string;
  verb: string;
  plural: string;
  group: string;
  namespace: string | undefined;
  name: string | undefined;
}): ApiError {
  const { user, verb, plural, group, namespace, name } = given;
  const what = `${plural}${group === '' ? '' : `.${group}`}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const subject = name === undefined ? `${what} is forbidden` : `${what} "${name}" is forbidden`;
  const message = `${subject}: User "${user}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`;
  return new ApiError(403, 'Forbidden', message, { name, group, kind: plural });
}

export function evictionRefused(name: string, budget: string, healthy: number, desired: number): ApiError {
  const text = `The disruption budget ${budget} needs ${desired} healthy pods and has ${healthy} currently`;
  return new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    name,
    causes: [{ reason: 'DisruptionBudget', message: text }],
  });
}
