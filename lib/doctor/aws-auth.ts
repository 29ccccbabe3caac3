import { isJsonObject, type JsonObject, objectAt, textAt, textsAt } from '../json.ts';
import { command, type Finding, finding, type Outcome } from './finding.ts';
import { type Mapping, principalOf } from './mapping.ts';

/** Parses YAML to plain data, in which every scalar is a string. */
export type ReadYaml = (text: string) => Outcome<unknown>;

/** The parsed ConfigMap `aws-auth`. Entries that cannot be parsed are findings. */
export interface AwsAuth {
  readonly mappings: readonly Mapping[];
  readonly findings: readonly Finding[];
}

/** The lists of aws-auth, each with the key of an entry's principal, and with the kind of principal. */
const LISTS = [
  ['mapRoles', 'rolearn', 'role'],
  ['mapUsers', 'userarn', 'user'],
] as const;
type List = (typeof LISTS)[number];

/**
 * Parses the ConfigMap `aws-auth` as `kubectl get configmap aws-auth -n kube-system -o yaml` (or `-o json`) prints it.
 * `mapRoles` and `mapUsers` are YAML within YAML (EKS User Guide, "aws-auth ConfigMap").
 */
export function readAwsAuth(text: string, readYaml: ReadYaml): Outcome<AwsAuth> {
  if (text.trim() === '') return { ok: false, message: 'it is empty; perhaps kubectl failed' };
  const read = readYaml(text);
  if (!read.ok) return read;
  const found = dataOf(read.value);
  if (!found.ok) return found;
  const data = found.value;
  const mappings: Mapping[] = [];
  const findings: Finding[] = [];
  for (const list of LISTS) {
    const listed = readList(data, list, readYaml);
    if (!listed.ok) return listed;
    mappings.push(...listed.value.mappings);
    findings.push(...listed.value.findings);
  }
  const accounts = listOf(data, 'mapAccounts', readYaml);
  if (!accounts.ok) return accounts;
  findings.push(...accounts.value.map(String).map(wholeAccount));
  return { ok: true, value: { mappings, findings } };
}

/** Returns the data of the ConfigMap, if it has one of the lists. Otherwise returns what is wrong. */
function dataOf(value: unknown): Outcome<JsonObject> {
  const data = isJsonObject(value) ? objectAt(value, 'data') : undefined;
  if (data === undefined) return { ok: false, message: 'it has no key "data", so it is not a ConfigMap' };
  const hasNone = [...LISTS.map(([list]) => list), 'mapAccounts'].every((list) => textAt(data, list) === undefined);
  return hasNone ? { ok: false, message: 'its data has neither mapRoles nor mapUsers' } : { ok: true, value: data };
}

/**
 * Returns the finding about an account in `mapAccounts`. If no other list has a principal of that account, the
 * principal's username is the ARN of the IAM user or role. Source: kubernetes-sigs/aws-iam-authenticator, pkg/server, `return
 * identity.CanonicalARN`.
 */
function wholeAccount(account: string): Finding {
  return finding('username-loses-session', {
    subject: `all roles of account ${account}`,
    evidence: `aws-auth, mapAccounts: username arn:aws:iam::${account}:role/<role>`,
    mend: `${command('kubectl edit configmap aws-auth -n kube-system')}: replace mapAccounts by an entry in mapRoles for each role that needs access, with username: "<role>:{{SessionNameRaw}}".`,
  });
}

/** Parses the entries of one list. An entry that cannot be parsed becomes a finding. */
function readList(data: JsonObject, list: List, readYaml: ReadYaml): Outcome<AwsAuth> {
  const entries = listOf(data, list[0], readYaml);
  if (!entries.ok) return entries;
  const mappings: Mapping[] = [];
  const findings: Finding[] = [];
  for (const [index, entry] of entries.value.entries()) {
    const place = `${list[0]} entry ${index + 1}`;
    const mapping = mappingOf(entry, list, place);
    if (typeof mapping === 'string') findings.push(unreadable(place, mapping));
    else mappings.push(mapping);
  }
  return { ok: true, value: { mappings, findings } };
}

function listOf(data: JsonObject, list: string, readYaml: ReadYaml): Outcome<readonly unknown[]> {
  const entries = entriesOf(textAt(data, list) ?? '', readYaml);
  return entries.ok ? entries : { ok: false, message: `its ${list} cannot be read: ${entries.message}` };
}

function entriesOf(text: string, readYaml: ReadYaml): Outcome<readonly unknown[]> {
  if (text.trim() === '') return { ok: true, value: [] };
  const read = readYaml(text);
  if (!read.ok) return read;
  return Array.isArray(read.value)
    ? { ok: true, value: read.value as readonly unknown[] }
    : { ok: false, message: 'it is not a list' };
}

/** Parses one entry. Returns the mapping, or why the entry cannot be parsed. */
function mappingOf(entry: unknown, [, key, kind]: List, place: string): Mapping | string {
  if (!isJsonObject(entry)) return 'it is not a mapping';
  const arn = keyed(entry, key);
  if (!arn.ok) return arn.message;
  const principal = principalOf(arn.value);
  if (principal?.kind !== kind) return `its ${key} ${arn.value} is not an ARN of a ${kind}`;
  const name = keyed(entry, 'username');
  if (!name.ok) return name.message;
  const username = name.value;
  const groups = textsAt(entry, 'groups') ?? [];
  const forNodes = groups.includes('system:nodes') || username.startsWith('system:node:');
  return { principal, username, groups, forNodes, source: { kind: 'aws-auth', place } };
}

/**
 * Returns the text at a key. As in Go's JSON decoder, the authenticator ignores the case of keys (`rolearn`,
 * `roleARN`).
 */
function keyed(entry: JsonObject, key: string): Outcome<string> {
  const found = Object.keys(entry).find((one) => one.toLowerCase() === key);
  const value = found === undefined ? undefined : entry[found];
  if (value === undefined || value === null || value === '') return { ok: false, message: `it has no ${key}` };
  return typeof value === 'string' ? { ok: true, value } : { ok: false, message: `its ${key} is not a string` };
}

function unreadable(place: string, what: string): Finding {
  return finding('mapping-unreadable', {
    subject: `aws-auth, ${place}`,
    evidence: `The entry cannot be read: ${what}.`,
    mend: `Correct or remove ${place}: ${command('kubectl edit configmap aws-auth -n kube-system')}`,
  });
}
