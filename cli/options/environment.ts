/** The environment variables that commands read. The AWS SDK and Node.js read more of their own. */
const VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'KUBECONFIG',
  'XDG_CONFIG_HOME',
  'EKS_WHOIS_API',
  'EKS_WHOIS_TABLE',
  'EKS_WHOIS_CLUSTER',
  'EKS_WHOIS_CONFIG',
  'EKS_WHOIS_TOKEN',
  'EKS_WHOIS_DEBUG',
  'npm_lifecycle_event',
  'npm_lifecycle_script',
] as const;

/** The value of each variable. A missing one was not set, and an empty one may count as not set. */
export type Environment = Readonly<Partial<Record<(typeof VARIABLES)[number], string>>>;

/** Reads the environment. No other file of the command line does (biome.json, `noProcessEnv`). */
export function readEnvironment(): Environment {
  return Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
}
