import { isScalar, LineCounter, parseDocument, visit } from 'yaml';

/** The line of an mlops.yaml, from 1, on which a key or a value is `wanted`; undefined when none is. */
export function lineOfValue(text: string, wanted: string): number | undefined {
  const lineCounter = new LineCounter();
  let found: number | undefined;
  visit(parseDocument(text, { lineCounter, prettyErrors: false }), {
    Scalar(_key, node) {
      if (!isScalar(node) || String(node.value) !== wanted || !node.range) return;
      found = lineCounter.linePos(node.range[0]).line;
      return visit.BREAK;
    },
  });
  return found;
}
