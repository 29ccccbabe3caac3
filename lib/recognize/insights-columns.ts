import type { JsonObject } from '../json.ts';
import { fieldNamed } from './field-names.ts';

/**
 * For each value, the names of its column in a query on the audit log. A name is the path that Logs Insights finds in
 * JSON, where `.0` is the first entry of a list, or the last word of the path, because people rename columns. Letter
 * case, `_`, `-`, `.` and backticks do not matter. Source: CloudWatch Logs User Guide, "Supported logs and discovered
 * fields".
 */
const NAMES = {
  log: ['@log'],
  stream: ['@logstream'],
  received: ['requestreceivedtimestamp'],
  time: ['@timestamp', 'time'], // Also `_time` of Splunk, because `_` does not matter.
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
/** The values of a row, each under the name of its meaning. The source IPs are in the order of their column numbers. */
export type Row = { readonly [column in Column]?: string | undefined } & { readonly ips: readonly string[] };

const COLUMN_NAMES: ReadonlySet<string> = new Set(Object.values(NAMES).flat());
const WHO: readonly string[] = [NAMES.uid, NAMES.username, NAMES.accessKeyId, NAMES.arn, NAMES.auditId].flat();
/** Matches columns with a source IP. Splunk calls them `sourceIPs{}`, and its own searches rename them to `src_ip`. */
const ADDRESS = /^`?(?:src_?ip|sourceIPs?`?(?:\.(\d{1,2})|\{\})?)$/i;
/** Matches column names that only Logs Insights uses. */
const MARK =
  /^`?(?:@(?:timestamp|log|logStream|ptr)$|(?:user|objectRef|responseStatus)\.|requestReceivedTimestamp`?$)/i;

/** Returns whether a column with this name is read. */
export function isReadColumn(name: string): boolean {
  return COLUMN_NAMES.has(plain(name)) || ADDRESS.test(name) || MARK.test(name);
}

/** Returns whether these columns are those of a Logs Insights result that names a caller, without `@message`. */
export function areChosenColumns(names: readonly string[]): boolean {
  if (names.includes('@message')) return false;
  const isOfAlert = names.some((name) => !isReadColumn(name) && fieldNamed(name) !== undefined);
  if (isOfAlert && !names.includes('@log')) return false;
  return names.some((name) => MARK.test(name)) && names.some((name) => WHO.includes(plain(name)));
}

/** Returns whether the object is a row with chosen columns. Unlike an event or a finding, a row has no objects in it. */
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
 * The maximum number of characters of a value. Longer values are ignored and not cut, because the beginning of a name
 * can be another name.
 */
const LONGEST = 4_096;
const MOST_ADDRESSES = 64;

/** Returns the values of a row by their meaning. If several columns have the same meaning, the one with the more exact name is used. */
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
