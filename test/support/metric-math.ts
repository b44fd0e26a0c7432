/** One value of each series; undefined where CloudWatch has no data point. */
export type MetricValues = Readonly<Record<string, number | undefined>>;

type Value = number | undefined;

/**
 * A model of CloudWatch's documented semantics, not CloudWatch: the part of metric math that our alarms and panels use, for one data
 * point of each series: + - * /, comparisons (1 or 0), IF, FILL, and SUM and TIME_SERIES, which are that point then
 * (CloudWatch User Guide, "Metric math syntax and functions"). What has no data, and a division by zero, gives none.
 */
export function evaluateMetricMath(expression: string, values: MetricValues): Value {
  const tokens = expression.match(/\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]\w*|[<>]=?|==|!=|[-+*/(),]/g) ?? [];
  if (tokens.join('') !== expression.replace(/\s/g, '')) throw new Error(`not metric math: ${expression}`);
  let at = 0;
  const peek = () => tokens[at];
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`expected ${expected ?? 'more'} at ${at} of ${expression}`);
    }
    return token;
  };

  const comparison = (): Value => {
    const left = sum();
    const operator = peek();
    if (operator === undefined || !(operator in comparisons)) return left;
    take();
    const right = sum();
    return both(left, right, (a, b) => Number(comparisons[operator]?.(a, b)));
  };
  const sum = (): Value => chain(product, { '+': (a, b) => a + b, '-': (a, b) => a - b });
  const product = (): Value => chain(factor, { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? undefined : a / b) });
  const chain = (next: () => Value, operators: Record<string, (a: number, b: number) => Value>): Value => {
    let left = next();
    for (let operator = operators[peek() ?? '']; operator !== undefined; operator = operators[peek() ?? '']) {
      take();
      left = both(left, next(), operator);
    }
    return left;
  };
  const factor = (): Value => {
    const token = take();
    if (token === '(') {
      const inner = comparison();
      take(')');
      return inner;
    }
    if (token === '-') return both(0, factor(), (a, b) => a - b);
    if (/^\d/.test(token)) return Number(token);
    if (peek() !== '(') {
      if (!(token in values)) throw new Error(`no series ${token}`);
      return values[token];
    }
    const call = functions[token];
    if (call === undefined) throw new Error(`no function ${token}`);
    take('(');
    const given: Value[] = [comparison()];
    while (peek() === ',') {
      take();
      given.push(comparison());
    }
    take(')');
    return call(given);
  };

  const result = comparison();
  if (at !== tokens.length) throw new Error(`${tokens[at]} is too much in ${expression}`);
  return result;
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

const functions: Readonly<Record<string, (given: readonly Value[]) => Value>> = {
  IF: ([condition, yes, no]) => (condition === undefined ? undefined : condition !== 0 ? yes : no),
  FILL: ([value, otherwise]) => value ?? otherwise,
  SUM: ([value]) => value,
  TIME_SERIES: ([value]) => value,
};

function both(a: Value, b: Value, work: (a: number, b: number) => Value): Value {
  return a === undefined || b === undefined ? undefined : work(a, b);
}
