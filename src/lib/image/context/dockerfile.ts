/**
 * A Dockerfile with labels at its end: whoever builds it, with mlops or without, gets an image that says what is in it.
 * One instruction, because each is an entry of the image's history.
 */
export function withLabels(dockerfile: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${quoted(name)}=${quoted(value)}`);
  return pairs.length === 0 ? dockerfile : `${dockerfile.trimEnd()}\n\nLABEL ${pairs.join(' \\\n      ')}\n`;
}

/**
 * As a word of a Dockerfile: a value may be what anybody wrote into a model card, so it is never a variable, the end of
 * the word or another instruction. https://docs.docker.com/reference/dockerfile/#escape
 */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would end the instruction
  return `"${text.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/["\\$]/g, '\\$&')}"`;
}
