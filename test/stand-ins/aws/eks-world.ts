/** A cluster as EKS keeps it. What is left out gets a value of the usual kind; `null` leaves a field out of answers. */
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
  /** `API_AND_CONFIG_MAP` unless given; with `CONFIG_MAP` EKS knows no access entries. */
  readonly authenticationMode?: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';
  /** Usernames by principal ARN; undefined is EKS's default. */
  readonly accessEntries?: Readonly<Record<string, string | undefined>>;
  /** Private addresses of the API server's network interfaces. */
  readonly addresses?: readonly string[];
}

/** What the stand-ins know. */
export interface World {
  readonly accountId: string;
  /** The ARN that GetCallerIdentity answers with, by access key id; a key that is not listed is unknown to AWS. */
  readonly callers: Readonly<Record<string, string>>;
  readonly clusters: readonly StandInCluster[];
  /** The Regions that are enabled. */
  readonly regions: readonly string[];
  /** Items a page, for all operations that have pages; AWS's own limits unless given. */
  readonly pageSize?: number;
}

/** One request, as far as the stand-ins read it. */
export interface EksRequest {
  readonly service: 'eks' | 'ec2' | 'sts';
  /** `DescribeCluster` and so on. */
  readonly operation: string;
  /** From the credential scope of the signature, which is not verified. */
  readonly region: string;
  readonly accessKeyId: string;
  readonly parameters: URLSearchParams;
  /** What the path names: a cluster. */
  readonly name: string;
  /** What the path names after that: the principal of an access entry. */
  readonly principal?: string;
}

export function vpcOf({ name }: StandInCluster): string {
  return `vpc-${Buffer.from(name).toString('hex').padEnd(17, '0').slice(0, 17)}`;
}
