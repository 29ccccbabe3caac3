import { wildcardMatcher } from '../wildcard.ts';
import { partitionOf } from './partition.ts';

/** The fields of an event or record that identify its cluster. */
export interface ClusterFields {
  /** The name of the cluster. It is unique only within an account and Region. */
  readonly cluster?: string | undefined;
  /** `arn:<partition>:eks:<region>:<account>:cluster/<name>`, if the source of the event states account and Region. */
  readonly clusterArn?: string | undefined;
  /** The cluster's account, if the source states it. It counts only if the ARN is not known. */
  readonly accountId?: string | undefined;
  /** Where the event came from. The account that handed it over counts only if the cluster's account is not known. */
  readonly origin?: { readonly handedOverBy?: string | undefined } | undefined;
}

/**
 * The identity of a cluster for keys, indexes and counts: its ARN. If the ARN is not known, it is
 * `name:<account>/<name>`. If the account is not known either, it is `name:from:<account>/<name>`, with the account
 * that handed the event over. Without that, it is `name:<name>`. The four forms never equal each other. The name is
 * empty if it is not
 * known. A cluster that was deleted and created again under its name has the same ARN.
 */
export type ClusterKey = string & { readonly brand: 'cluster-key' };

const NAMED = 'name:';
const FROM = 'from:';

/**
 * Returns the key of the cluster. If no cluster is known, the key has only the account, or the account that handed the
 * event over. If neither is known, it is `name:`.
 */
export function clusterKeyOf({ cluster = '', clusterArn, accountId, origin }: ClusterFields): ClusterKey {
  const account = accountId ?? (origin?.handedOverBy && FROM + origin.handedOverBy);
  return (clusterArn ?? `${NAMED}${account === undefined ? '' : `${account}/`}${cluster}`) as ClusterKey;
}

/** Returns whether the text is a cluster key: an ARN, or `name:…`. No cluster's name has a `:`. */
export function isClusterKey(text: string): text is ClusterKey {
  return clusterRef(text) !== undefined || text.startsWith(NAMED);
}

/** Returns the text as a cluster key. Parsers call it where this program wrote one. */
export function asClusterKey(text: string): ClusterKey {
  return text as ClusterKey;
}

/**
 * Returns the cluster's name, and its account and ARN as far as they are known. Instead of the account, it can have the
 * account that handed the events over. The name is empty if no cluster is known.
 */
export function fieldsOfKey(key: ClusterKey): ClusterFields & { readonly cluster: string } {
  const { name, accountId, isSender } = partsOf(key) ?? { name: key.slice(NAMED.length) };
  if (accountId === undefined) return { cluster: name };
  if (isSender) return { cluster: name, origin: { handedOverBy: accountId } };
  return { cluster: name, accountId, ...(!key.startsWith(NAMED) && { clusterArn: key }) };
}

/**
 * Returns whether two statements can be about the same cluster. If both state an ARN, these are compared, and otherwise
 * names and accounts. Undefined if one of them states no cluster.
 */
export function isSameCluster(a: ClusterFields, b: ClusterFields): boolean | undefined {
  if (a.clusterArn !== undefined && b.clusterArn !== undefined) return a.clusterArn === b.clusterArn;
  if (a.cluster === undefined || b.cluster === undefined) return undefined;
  const [ofA, ofB] = [accountOf(a), accountOf(b)];
  return a.cluster === b.cluster && (ofA === undefined || ofB === undefined || ofA === ofB);
}

function accountOf({ clusterArn, accountId }: ClusterFields): string | undefined {
  return clusterRef(clusterArn)?.accountId ?? accountId;
}

/** The text that lists show if neither the file nor the log group of audit events names a cluster. */
export const NAMELESS = '(no cluster named)';

/**
 * Returns the text that names a cluster in lists: its ARN. If the ARN is not known, it is the key with an account. If
 * no account is known, it is the name.
 */
export function clusterText(fields: ClusterFields): string {
  const { cluster = '', clusterArn } = fields;
  const key = clusterKeyOf(fields);
  return clusterArn ?? (cluster !== '' && partsOf(key) ? key : cluster);
}

/** Returns the cluster's name with its account and Region, for texts without other information on the cluster. */
export function clusterInFull(text: string): string {
  const parts = partsOf(text);
  return parts === undefined ? text : withAccount(parts, parts.region);
}

/** Matches the key of a cluster whose account is known and whose Region is not. The name can be empty. */
const OF_ACCOUNT = /^name:(from:)?(\d{12})\/(.*)$/s;

/** The parts of a text that names a cluster and an account. The Region is empty if it is not known. */
interface ClusterParts extends ClusterRef {
  /** Present if the account is the one that handed the events over. The cluster's own account is then not known. */
  readonly isSender?: true | undefined;
}

/** Returns the parts of an ARN, or of a key with an account. Undefined for any other text. */
export function partsOf(text: string): ClusterParts | undefined {
  const [, from, accountId, name] = OF_ACCOUNT.exec(text) ?? [];
  if (accountId === undefined || name === undefined) return clusterRef(text);
  return { name, accountId, region: '', ...(from && { isSender: true }) };
}

function withAccount({ name, accountId, isSender }: ClusterParts, region: string): string {
  const account = isSender ? `handed over by ${accountId}` : accountId || 'account not known';
  return `${name} (${account}${region && `, ${region}`})`;
}

/**
 * Returns a label for each cluster: its name. If several of these clusters have that name, the account follows. The
 * Region follows too if that is needed to distinguish them.
 * @param texts the clusters, as `clusterText` names them.
 */
export function clusterLabels(texts: Iterable<string>): ReadonlyMap<string, string> {
  const all = new Map(
    [...new Set(texts)].map((text): [string, ClusterParts] => [
      text,
      partsOf(text) ?? { name: text, accountId: '', region: '' },
    ]),
  );
  const alike = (own: ClusterParts, ...parts: readonly (keyof ClusterParts)[]) =>
    [...all.values()].filter((other) => parts.every((part) => other[part] === own[part])).length > 1;
  return new Map(
    [...all].map(([text, ref]) => {
      if (!alike(ref, 'name')) return [text, ref.name];
      const needsRegion = alike(ref, 'name', 'accountId', 'isSender');
      return [text, withAccount(ref, needsRegion ? ref.region || 'Region not known' : '')];
    }),
  );
}

/**
 * Returns whether a text that a person gave means the cluster. The text is an ARN, a key or a name. A name means every
 * cluster that has it. `*` stands for any text.
 */
export function meansCluster(text: string, key: ClusterKey): boolean {
  if (text === key) return true;
  const isOfKeys = text.startsWith('arn:') || text.startsWith(NAMED); // no cluster's name has a `:`
  return wildcardMatcher(text)(isOfKeys ? key : fieldsOfKey(key).cluster);
}

/** Returns texts that mean every cluster of the account, where the account is as `accountOfKey` returns it. */
export function clustersOfAccount(accountId: string): readonly string[] {
  return [`arn:*:eks:*:${accountId}:cluster/*`, `${NAMED}${accountId}/*`, `${NAMED}${FROM}${accountId}/*`];
}

/**
 * Returns whether the cluster is wanted. One of the texts in `any` must name it, if `any` is given, and none of the
 * texts in `not`.
 */
export function isWantedCluster(key: ClusterKey, { any, not }: ClusterCondition = {}): boolean {
  const isMatch = (text: string) => meansCluster(text, key);
  return any?.some(isMatch) !== false && not?.some(isMatch) !== true;
}

/** The clusters that a question wants, and those that it leaves out. */
export interface ClusterCondition {
  readonly any?: readonly string[];
  readonly not?: readonly string[];
}

/** The key that all events share if neither their cluster nor its account is known. */
export const NO_CLUSTER = clusterKeyOf({});

/** The content of a cluster's ARN. */
export interface ClusterRef {
  readonly region: string;
  readonly accountId: string;
  readonly name: string;
}

/** The name of a cluster as EKS allows it (EKS API Reference, "CreateCluster"). */
const NAME = '[0-9A-Za-z][\\w-]{0,99}';
const REGION = '[a-z]{2,8}(?:-[a-z]{2,16}){1,3}-\\d{1,2}';
const CLUSTER_ARN = new RegExp(`^arn:aws[a-z-]{0,16}:eks:(${REGION}):(\\d{12}):cluster/(${NAME})$`);
const PARTS = { name: new RegExp(`^${NAME}$`), region: new RegExp(`^${REGION}$`), accountId: /^\d{12}$/ };

/** Parses a cluster's ARN. Returns undefined for any other text. */
export function clusterRef(arn: string | undefined): ClusterRef | undefined {
  const [, region, accountId, name] = (arn !== undefined && CLUSTER_ARN.exec(arn)) || [];
  return region === undefined || accountId === undefined || name === undefined
    ? undefined
    : { region, accountId, name };
}

/**
 * Returns the account and the Region in the cluster's ARN. Without a valid ARN, returns the account that the source
 * states.
 */
export function clusterHome({ clusterArn, accountId }: ClusterFields): {
  readonly accountId?: string | undefined;
  readonly region?: string;
} {
  const ref = clusterRef(clusterArn);
  return ref === undefined ? { accountId } : { accountId: ref.accountId, region: ref.region };
}

/**
 * Returns the account in a cluster's key. It is the cluster's account, or the one that handed its events over. Empty if
 * the key has neither. Limits for each account use this account, because an account can state any other account's
 * cluster in its events.
 */
export function accountOfKey(key: ClusterKey): string {
  return partsOf(key)?.accountId ?? '';
}

/**
 * Returns the account that sent an event. It is the account that handed the event over, or else the account of its
 * cluster. An account can forge everything in an event but this. Undefined if neither is known.
 */
export function senderOf(event: ClusterFields): string | undefined {
  return event.origin?.handedOverBy ?? clusterHome(event).accountId;
}

/** Returns the text if it is the ID of an account, or else undefined. */
export function accountIn(text: string | undefined): string | undefined {
  return text !== undefined && PARTS.accountId.test(text) ? text : undefined;
}

/** Returns the ARN of a cluster. Undefined if a part is missing, or is not in AWS's form. */
export function clusterArn({
  region,
  accountId,
  name,
}: { readonly [K in keyof ClusterRef]: string | undefined }): string | undefined {
  if (region === undefined || accountId === undefined || name === undefined) return undefined;
  const isComplete = PARTS.region.test(region) && PARTS.accountId.test(accountId) && PARTS.name.test(name);
  return isComplete ? `arn:${partitionOf(region)}:eks:${region}:${accountId}:cluster/${name}` : undefined;
}
