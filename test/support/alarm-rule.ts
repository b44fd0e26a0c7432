type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const token =
  /\s*(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^\s()"]+))\s*\)|\s*(AND|OR|NOT|TRUE|FALSE|\(|\))/gy;

type Token = { readonly state: State; readonly alarm: string } | string;

function tokens(rule: string): Token[] {
  token.lastIndex = 0;
  const found: Token[] = [];
  while (token.lastIndex < rule.trimEnd().length) {
    const match = token.exec(rule);
    if (match === null) throw new Error(`not an alarm rule: ${rule}`);
    const [, state, quoted, plain, word] = match;
    found.push(word ?? { state: state as State, alarm: (quoted ?? plain ?? '').replace(/^arn:.*:alarm:/, '') });
  }
  return found;
}

/** Names of the alarms in a rule of a composite alarm. */
export function alarmsOfRule(rule: string): string[] {
  return [...new Set(tokens(rule).flatMap((item) => (typeof item === 'string' ? [] : [item.alarm])))];
}

/** Evaluates a rule as CloudWatch documents it: NOT before AND before OR. Throws for what is no rule. */
export function evaluateRule(rule: string, stateOf: (alarm: string) => State | undefined): boolean {
  const rest = tokens(rule);
  const value = either();
  if (rest.length > 0) throw new Error(`not an alarm rule: ${rule}`);
  return value;

  function either(): boolean {
    let left = both();
    while (rest[0] === 'OR') {
      rest.shift();
      const right = both();
      left = left || right;
    }
    return left;
  }

  function both(): boolean {
    let left = one();
    while (rest[0] === 'AND') {
      rest.shift();
      const right = one();
      left = left && right;
    }
    return left;
  }

  function one(): boolean {
    const item = rest.shift();
    if (item === undefined) throw new Error(`not an alarm rule: ${rule}`);
    if (typeof item !== 'string') return stateOf(item.alarm) === item.state;
    if (item === 'NOT') return !one();
    if (item === 'TRUE' || item === 'FALSE') return item === 'TRUE';
    if (item !== '(') throw new Error(`not an alarm rule: ${rule}`);
    const value = either();
    if (rest.shift() !== ')') throw new Error(`not an alarm rule: ${rule}`);
    return value;
  }
}
