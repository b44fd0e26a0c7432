/** Remembers which methods each route answers, to tell a wrong method (405) from a wrong path (404). */
export class RouteMethods {
  readonly #routes: { readonly url: string; readonly pattern: RegExp; readonly methods: Set<string> }[] = [];

  add(url: string, methods: string | readonly string[]): void {
    let route = this.#routes.find((known) => known.url === url);
    if (route === undefined) {
      route = { url, pattern: patternOf(url), methods: new Set(['OPTIONS']) };
      this.#routes.push(route);
    }
    for (const method of [methods].flat()) route.methods.add(method);
  }

  /** The route of a request path, without its query string. */
  find(path: string): { readonly url: string; readonly allow: string } | undefined {
    const route = this.#routes.find(({ pattern }) => pattern.test(path));
    return route && { url: route.url, allow: [...route.methods].sort().join(', ') };
  }

  /** What the server as a whole understands: the answer to `OPTIONS *`. */
  all(): string {
    return [...new Set(this.#routes.flatMap(({ methods }) => [...methods]))].sort().join(', ');
  }
}

/** `/models/:name` -> a pattern in which a parameter is one segment. A trailing slash makes no difference. */
function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}
