import { z } from 'zod';
import { label, secretReference } from './schema-values.js';

// The parts of mlops.yaml that describe what lies beyond this machine. They are checked wherever the file is read, so
// that one file serves every command of a project.

export const aws = z.strictObject({ region: z.string().min(1), profile: z.string().min(1).optional() });

export const gcp = z.strictObject({ project: z.string().min(1), region: z.string().min(1) });

const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, 'expected lower-case letters, digits and underscores');

export const infrastructure = z.strictObject({
  /** `pipeline: true` is the Terraform variable `enable_pipeline`; which there are, the Terraform files decide. */
  features: z.record(identifier, z.boolean()).optional(),
  /** Any other variable of the Terraform files. A secret is a reference. */
  variables: z.record(identifier, z.json()).optional(),
});

export const image = z.strictObject({
  repository: z.string().min(1).optional(),
  /** `ecr`, `artifact-registry`, `docker.io/user` or `host:port`. */
  registry: z.string().min(1).optional(),
  /** An image with Node.js, glibc and libstdc++. */
  base: z.string().min(1).optional(),
  platform: z.enum(['linux/amd64', 'linux/arm64']).optional(),
  /** Files that the secret scan stops at although a person has looked: by the path that it prints. */
  notSecret: z.array(z.string().min(1)).optional(),
});

const quantity = z.union([z.number().positive(), z.string().regex(/^\d+(\.\d+)?([mkKMGT]i?)?$/)], {
  error: 'expected a Kubernetes quantity such as 1, 500m or 1Gi',
});

export const deploy = z.strictObject({
  target: z.enum(['docker', 'eks', 'gke', 'cloud-run']).optional(),
  namespace: label.optional(),
  /** Name of the EKS or GKE cluster, when `mlops provision` did not make it. */
  cluster: z.string().min(1).optional(),
  /** GKE: a context of your kubeconfig. */
  context: z.string().min(1).optional(),
  expose: z.enum(['internal', 'public']).optional(),
  /** eks, gke: which addresses may reach a public Service; everybody unless given. */
  allowedCidrs: z
    .array(z.cidrv4({ error: 'expected a CIDR block such as 203.0.113.0/24' }))
    .min(1)
    .optional(),
  replicas: z
    .strictObject({ min: z.int().min(0), max: z.int().min(1) })
    .refine(({ min, max }) => min <= max, 'min is greater than max')
    .optional(),
  resources: z.strictObject({ cpu: quantity, memory: quantity }).optional(),
  /** Rows that a deployed model has to predict as the local one does. */
  golden: z.string().min(1).optional(),
  /** EKS, GKE: every deploy makes the pull secret from the docker login. */
  pullSecret: z.boolean().optional(),
  /** The port on this machine, for the target docker. */
  port: z.int().min(1).max(65_535).optional(),
  cloudRun: z
    .strictObject({
      service: label.optional(),
      ingress: z.enum(['internal', 'internal-and-cloud-load-balancing', 'all']).optional(),
      concurrency: z.int().min(1).max(1000).optional(),
      serviceAccount: z.string().min(1).optional(),
    })
    .optional(),
});

export const speech = z.strictObject({ model: z.string().min(1) });

export const grafana = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'expected a URL such as https://grafana.example.com' }).optional(),
  token: secretReference('env://GRAFANA_TOKEN').optional(),
  /** Where Grafana finds Prometheus. */
  prometheus: z.url({ protocol: /^https?$/, error: 'expected a URL such as http://prometheus:9090' }).optional(),
  /** Who hears of alerts. Webhook and key are no business of this file: Grafana takes them from its environment. */
  contacts: z
    .strictObject({
      slack: z.string().min(1).optional(),
      email: z.array(z.email()).min(1).optional(),
      pagerduty: z.boolean().optional(),
    })
    .optional(),
});
