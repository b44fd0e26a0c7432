import { lineAt, type TextFinding } from './finding.js';

interface DocumentKind {
  readonly kind: string;
  /** All of these have to be in the text; the finding is where the last one is. */
  readonly marks: readonly RegExp[];
}

/** Documents that grant access, told by their keys. They are written as YAML or JSON, so keys may be quoted. */
const documents: readonly DocumentKind[] = [
  {
    kind: 'service account key',
    marks: [/"type"\s*:\s*"service_account"/, /"private_key"\s*:\s*"[^"]+"/],
  },
  {
    kind: 'Google Cloud credentials',
    marks: [/"type"\s*:\s*"(?:authorized_user|external_account_authorized_user)"/, /"refresh_token"\s*:\s*"[^"]+"/],
  },
  {
    kind: 'kubeconfig',
    marks: [
      /(?:^|[{,])\s*["']?kind["']?\s*:\s*["']?Config\b/m,
      /["']?users["']?\s*:/,
      /["']?(?:client-key-data|client-key|token|tokenFile|password|exec|auth-provider)["']?\s*:/,
    ],
  },
  {
    kind: 'Docker login',
    marks: [/"auths"\s*:\s*\{/, /"(?:auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]+"/],
  },
  { kind: 'npm login', marks: [/^\s*\/\/[^\s=]+:_(?:authToken|password)\s*=\s*["']?[^$\s"'{]/m] },
];

export function credentialDocuments(text: string): TextFinding[] {
  const found: TextFinding[] = [];
  for (const { kind, marks } of documents) {
    const places = marks.map((mark) => mark.exec(text)?.index);
    const last = places.at(-1);
    if (last !== undefined && places.every((place) => place !== undefined)) {
      found.push({ line: lineAt(text, last + leadingSpace(text, last)), kind });
    }
  }
  return found;
}

/** A mark may begin with the line break before it. */
function leadingSpace(text: string, offset: number): number {
  return /^\s*/.exec(text.slice(offset, offset + 100))?.[0].length ?? 0;
}
