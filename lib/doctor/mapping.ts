import { roleRef, userName } from '../identity/arn.ts';

/** One IAM principal that a cluster lets in, and the username that it makes of it. */
export interface Mapping {
  readonly principal: Principal;
  /** The template as it stands; an access entry's default is written out. */
  readonly username: string;
  readonly groups: readonly string[];
  /** Nodes and Fargate pods sign in by it, no people. */
  readonly forNodes: boolean;
  readonly source: MappingSource;
}

export type MappingSource = { readonly kind: 'aws-auth'; readonly place: string } | AccessEntrySource;

export interface AccessEntrySource {
  readonly kind: 'access-entry';
  readonly cluster: string | undefined;
  readonly region: string | undefined;
}

export interface Principal {
  readonly kind: 'role' | 'user';
  readonly arn: string;
  readonly accountId: string;
  /** Without its path: aws-auth and STS know none. */
  readonly name: string;
}

/** Twelve digits, and a name as IAM takes it (IAM API Reference, CreateRole and CreateUser): no wildcards. */
const PRINCIPAL = /^arn:[^:]+:iam::\d{12}:(?:role|user)\/(?:[\x21-\x7e]+\/)?[\w+=,.@-]{1,64}$/;

/** Undefined for an ARN of neither a role nor a user. */
export function principalOf(arn: string): Principal | undefined {
  if (!PRINCIPAL.test(arn)) return undefined;
  const role = roleRef(arn);
  if (role !== undefined) return { kind: 'role', arn, accountId: role.accountId, name: role.roleName };
  const name = userName(arn);
  return name === undefined ? undefined : { kind: 'user', arn, accountId: arn.split(':')[4] ?? '', name };
}

/** The same principal has the same key, with or without its path. */
export function principalKey({ kind, accountId, name }: Principal): string {
  return `${kind} ${accountId} ${name}`;
}

export function placeOf({ source }: Mapping): string {
  if (source.kind === 'aws-auth') return `aws-auth, ${source.place}`;
  return source.cluster === undefined ? 'access entry' : `access entry of ${source.cluster}`;
}

/** Which cluster's entry it is, as options of `aws eks`. */
export function entryOptions({ region = '<region>', cluster = '<cluster>' }: AccessEntrySource): string {
  return `--region ${region} --cluster-name ${cluster}`;
}
