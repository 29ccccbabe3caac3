import type { JsonObject } from '../json.ts';
import { fieldNamed } from './field-names.ts';

/**
 * The names of columns in queries on the audit log: the paths that Logs Insights finds in JSON, where `.0` is a list's
 * first entry, or the last word of a path, as people rename columns. Case, `_`, `-`, `.` and backticks do not matter.
 * Source: CloudWatch Logs User Guide, "Supported logs and discovered fields".
 */
const NAMES = {
  log: ['@log'],
  stream: ['@logstream'],
  received: ['requestreceivedtimestamp'],
  time: ['@timestamp', 'time'], // Splunk writes `_time`
  uid: ['useruid', 'uid'],
  username: ['userusername', 'username'],
  accessKeyId: ['userextraaccesskeyid', 'accesskeyid'],
  sessionName: ['userextrasessionname', 'sessionname'],
  arn: ['userextraarn', 'arn'],
  impersonated: ['impersonateduserusername'],
  auditId: ['auditid'],
  verb: ['verb'],
  uri: ['requesturi'],
  apiGroup: ['objectrefapigroup'],
  resource: ['objectrefresource', 'resource'],
  subresource: ['objectrefsubresource', 'subresource'],
  namespace: ['objectrefnamespace', 'namespace'],
  name: ['objectrefname'],
  code: ['responsestatuscode', 'code'],
  userAgent: ['useragent'],
} as const;
type Column = keyof typeof NAMES;
/** The values of a row by their meaning. The source IPs are in the order of their column numbers. */
export type Row = { readonly [column in Column]?: string | undefined } & { readonly ips: readonly string[] };

const COLUMN_NAMES: ReadonlySet<string> = new Set(Object.values(NAMES).flat());
const WHO: readonly string[] = [NAMES.uid, NAMES.username, NAMES.accessKeyId, NAMES.arn, NAMES.auditId].flat();
/** Splunk writes `sourceIPs{}`, and its own searches rename it to `src_ip`. */
const ADDRESS = /^`?(?:src_?ip|sourceIPs?`?(?:\.(\d{1,2})|\{\})?)$/i;
/** Matches column names that only Logs Insights uses. */
const MARK =
  /^`?(?:@(?:timestamp|log|logStream|ptr)$|(?:user|objectRef|responseStatus)\.|requestReceivedTimestamp`?$)/i;

/** Returns whether a column of this name is read here. */
export function isReadColumn(name: string): boolean {
  return COLUMN_NAMES.has(plain(name)) || ADDRESS.test(name) || MARK.test(name);
}

/** Returns whether columns of these names are Logs Insights results without `@message` that name a caller. */
export function areChosenColumns(names: readonly string[]): boolean {
  if (names.includes('@message')) return false;
  const isOfAlert = names.some((name) => !isReadColumn(name) && fieldNamed(name) !== undefined);
  if (isOfAlert && !names.includes('@log')) return false;
  return names.some((name) => MARK.test(name)) && names.some((name) => WHO.includes(plain(name)));
}

/** Returns whether the object is a row with chosen columns. Unlike events and findings, a row contains no objects. */
export function isChosenRow(value: JsonObject): boolean {
  const values = Object.values(value);
  return values.every((each) => typeof each !== 'object' || each === null) && areChosenColumns(Object.keys(value));
}

function plain(name: string): string {
  return name
    .slice(0, 128)
    .replace(/\.0`?$/, '')
    .replaceAll(/[`_.\s-]/g, '')
    .toLowerCase();
}

/**
 * The longest value that is read, in characters. Longer ones are ignored, not cut: a part of a name can be another
 * name.
 */
const LONGEST = 4_096;
const MOST_ADDRESSES = 64;

/** Returns the values of a row by their meaning. If several columns fit, the one with the most exact name wins. */
export function rowOf(value: JsonObject): Row {
  const texts = new Map<string, string>();
  const ips: (readonly [index: number, ip: string])[] = [];
  for (const [name, given] of Object.entries(value)) {
    const text = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
    if (text === '' || text.length > LONGEST) continue;
    const address = ADDRESS.exec(name);
    if (address !== null) ips.push([Number(address[1] ?? 0), text]);
    else if (!texts.has(plain(name))) texts.set(plain(name), text);
  }
  const found = Object.entries(NAMES).flatMap(([column, names]) => {
    const name = names.find((each) => texts.has(each));
    return name === undefined ? [] : [[column, texts.get(name)] as const];
  });
  const ordered = ips.sort(([one], [other]) => one - other).map(([, ip]) => ip);
  return { ...(Object.fromEntries(found) as Partial<Record<Column, string>>), ips: ordered.slice(-MOST_ADDRESSES) };
}
