/**
 * Files that are secrets by what they are, whatever is in them. Templates without values (`.env.example`) and the public
 * halves of keys (`id_ed25519.pub`, `*.crt`) are not.
 */
const secretFiles: readonly { readonly pattern: RegExp; readonly kind: string }[] = [
  { pattern: /(^|\/)\.env(\.(?!(example|sample|template|dist|defaults)$)[^/]+)?$/, kind: '.env file' },
  { pattern: /(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/, kind: 'SSH private key' },
  { pattern: /\.(p12|pfx|jks|keystore)$/i, kind: 'key store' },
  { pattern: /(^|\/)\.(netrc|pgpass|git-credentials|dockercfg|dockerconfigjson)$/, kind: 'file of credentials' },
  { pattern: /(^|\/)\.aws\/credentials$/, kind: 'AWS credentials file' },
  { pattern: /(^|\/)\.docker\/config\.json$/, kind: 'Docker login' },
  { pattern: /(^|\/)(\.kube\/config|kubeconfig(\.ya?ml)?)$/i, kind: 'kubeconfig' },
  { pattern: /(^|\/)application_default_credentials\.json$/, kind: 'Google Cloud credentials' },
  { pattern: /\.tfstate(\.backup)?$/, kind: 'Terraform state' },
];

/** What a file of this name is, when that alone makes it a secret. `path` has slashes. */
export function secretByName(path: string): string | undefined {
  return secretFiles.find(({ pattern }) => pattern.test(path))?.kind;
}
