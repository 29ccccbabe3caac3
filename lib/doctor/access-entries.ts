import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt, parseJson, textsAt } from '../json.ts';
import type { Outcome } from './finding.ts';
import { type Mapping, principalOf } from './mapping.ts';

/**
 * Parses access entries as `aws eks describe-access-entry` prints them: one, several in sequence, or a list. The output
 * of `list-access-entries` is not enough, because it has only ARNs.
 * @returns the mappings, or why the text cannot be parsed.
 */
export function readAccessEntries(text: string): Outcome<readonly Mapping[]> {
  const answers = jsonAnswers(text);
  if (!answers.ok) return answers;
  const mappings: Mapping[] = [];
  for (const answer of answers.value) {
    const read = entriesOf(answer);
    if (!read.ok) return read;
    mappings.push(...read.value);
  }
  return { ok: true, value: mappings };
}

function entriesOf(answer: JsonObject): Outcome<readonly Mapping[]> {
  const listed = listAt(answer, 'accessEntries');
  if (listed?.some((entry) => typeof entry === 'string') === true) {
    return {
      ok: false,
      message:
        'it is the output of list-access-entries, which has no usernames; pass the output of describe-access-entry',
    };
  }
  const entries = listed ?? [objectAt(answer, 'accessEntry') ?? answer];
  const mappings: Mapping[] = [];
  for (const entry of entries) {
    const mapping = isJsonObject(entry) ? accessEntry(entry) : undefined;
    if (mapping === undefined)
      return {
        ok: false,
        message: 'it contains an object that is not an access entry: it has no principalArn of a role or user',
      };
    mappings.push(mapping);
  }
  return { ok: true, value: mappings };
}

/**
 * Parses one access entry as EKS describes it (Amazon EKS API Reference, AccessEntry). Undefined if it has no
 * principal.
 */
export function accessEntry(entry: JsonObject): Mapping | undefined {
  const principal = principalOf(filledTextAt(entry, 'principalArn') ?? '');
  if (principal === undefined) return undefined;
  const type = filledTextAt(entry, 'type') ?? 'STANDARD';
  const defaultUsername =
    principal.kind === 'user'
      ? principal.arn
      : `arn:${principal.arn.split(':')[1]}:sts::${principal.accountId}:assumed-role/${principal.name}/{{SessionName}}`;
  return {
    principal,
    username: filledTextAt(entry, 'username') ?? defaultUsername,
    groups: textsAt(entry, 'kubernetesGroups') ?? [],
    forNodes: type !== 'STANDARD',
    source: { kind: 'access-entry', cluster: filledTextAt(entry, 'clusterName'), region: regionOf(entry) },
  };
}

/** Returns the Region in the entry's own ARN, `arn:aws:eks:<region>:<account>:access-entry/<cluster>/…`. */
function regionOf(entry: JsonObject): string | undefined {
  return /^arn:[^:]+:eks:([a-z0-9-]+):/.exec(filledTextAt(entry, 'accessEntryArn') ?? '')?.[1];
}

/**
 * Parses a text of JSON objects: one value, an array, or values on separate lines, as a shell loop over an AWS CLI
 * command prints them (`{…}\n{…}`). The values may be indented.
 */
export function jsonAnswers(text: string): Outcome<readonly JsonObject[]> {
  const whole = parseJson(text);
  const values = whole.ok ? (Array.isArray(whole.value) ? (whole.value as unknown[]) : [whole.value]) : severalOf(text);
  if (values === undefined) return { ok: false, message: 'it is not JSON' };
  const objects = values.filter(isJsonObject);
  return objects.length === values.length
    ? { ok: true, value: objects }
    : { ok: false, message: 'it contains JSON that is not an object' };
}

/**
 * Parses values on separate lines. A value can end at a line that is only `}`, or that is a whole object. Undefined if
 * a value cannot be parsed.
 */
function severalOf(text: string): readonly unknown[] | undefined {
  const values: unknown[] = [];
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' && lines.length === 0) continue;
    lines.push(line);
    if (!/^(?:\}|\{.*\}\s*)$/.test(line)) continue;
    const parsed = parseJson(lines.join('\n'));
    if (!parsed.ok) return undefined;
    values.push(parsed.value);
    lines = [];
  }
  return lines.length === 0 && values.length > 0 ? values : undefined;
}
