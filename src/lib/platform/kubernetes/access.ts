/** How kubectl gets at one cluster. */
export interface ClusterAccess {
  /** The cluster in words, such as `EKS cluster demo in us-east-1`. */
  readonly place: string;
  /** Asked before every call, so that a login that runs out is made anew. */
  credentials(): Promise<KubectlCredentials>;
  /** What leads to a cluster that does not answer. */
  readonly wayIn: readonly string[];
  /** Takes away what was made for this command. It is safe to call it twice. */
  close(): Promise<void>;
}

export interface KubectlCredentials {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}
