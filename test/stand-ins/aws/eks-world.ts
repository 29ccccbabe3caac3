/** A cluster as EKS has it. A field that is not given gets a usual value; `null` leaves it out of responses. */
export interface StandInCluster {
  readonly name: string;
  readonly region: string;
  readonly status?: 'ACTIVE' | 'CREATING' | 'DELETING' | 'FAILED' | 'UPDATING';
  readonly version?: string;
  readonly endpoint?: string | null;
  readonly certificateAuthority?: string | null;
  readonly publicAccess?: boolean;
  readonly privateAccess?: boolean;
  readonly auditLog?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** `API_AND_CONFIG_MAP` by default. With `CONFIG_MAP` EKS has no access entries. */
  readonly authenticationMode?: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';
  /** Usernames by principal ARN. Undefined is EKS's default. */
  readonly accessEntries?: Readonly<Record<string, string | undefined>>;
  /** Private IP addresses of the API server's network interfaces. */
  readonly addresses?: readonly string[];
}

/** The account, clusters and Regions that the stand-ins show. */
export interface World {
  readonly accountId: string;
  /** The ARN in the response to GetCallerIdentity, by access key ID. AWS does not know a key that is not listed. */
  readonly callers: Readonly<Record<string, string>>;
  readonly clusters: readonly StandInCluster[];
  /** The Regions that are enabled. */
  readonly regions: readonly string[];
  /** Items of a page, for all operations with pages. AWS's own limits by default. */
  readonly pageSize?: number;
}

/** One request, as far as the stand-ins read it. */
export interface EksRequest {
  readonly service: 'eks' | 'ec2' | 'sts';
  /** For example `DescribeCluster`. */
  readonly operation: string;
  /** From the credential scope of the signature. The signature is not verified. */
  readonly region: string;
  readonly accessKeyId: string;
  readonly parameters: URLSearchParams;
  /** The cluster in the path. */
  readonly name: string;
  /** The principal of an access entry, which follows in the path. */
  readonly principal?: string;
}

export function vpcOf({ name }: StandInCluster): string {
  return `vpc-${Buffer.from(name).toString('hex').padEnd(17, '0').slice(0, 17)}`;
}
