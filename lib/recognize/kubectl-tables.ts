import type { AuditRequest } from '../audit/audit-event.ts';
import { present } from '../json.ts';
import { type Form, form } from './form-collector.ts';
import { objectIn } from './objects.ts';

/** The names of most objects, by DNS-1123. Names of RBAC objects can also have `:`. */
const NAME = '[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?';
const NAMESPACE = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/**
 * For each resource, the titles of its columns after NAME. Source: kubernetes/kubernetes,
 * pkg/printers/internalversion/printers.go, `AddHandlers`.
 */
const TITLES: readonly (readonly [titles: string, resource: string])[] = [
  ['READY STATUS RESTARTS AGE', 'pods'],
  ['READY UP-TO-DATE AVAILABLE AGE', 'deployments'],
  ['READY AGE', 'statefulsets'],
  ['DESIRED CURRENT READY UP-TO-DATE', 'daemonsets'],
  ['DESIRED CURRENT READY AGE', 'replicasets'],
  ['STATUS COMPLETIONS DURATION', 'jobs'],
  ['COMPLETIONS DURATION', 'jobs'],
  ['SCHEDULE', 'cronjobs'],
  ['STATUS ROLES AGE', 'nodes'],
  ['STATUS AGE', 'namespaces'],
  ['TYPE DATA AGE', 'secrets'],
  ['DATA AGE', 'configmaps'],
  ['SECRETS AGE', 'serviceaccounts'],
  ['TYPE CLUSTER-IP', 'services'],
];

const TITLE = /^[A-Z(][A-Z()-]{0,40}$/;
const LONGEST_HEAD = 1_024;

/** The header line of `kubectl get`. */
interface Head {
  readonly hasNamespace: boolean;
  /** The titles after NAME, each followed by a space. */
  readonly titles: string;
}

function headOf(line = ''): Head | undefined {
  const words = line.length > LONGEST_HEAD ? [] : line.trim().split(/\s+/);
  const hasNamespace = words[0] === 'NAMESPACE';
  const [name, ...titles] = hasNamespace ? words.slice(1) : words;
  if (name !== 'NAME' || titles.length === 0 || !titles.every((title) => TITLE.test(title))) return undefined;
  return { hasNamespace, titles: `${titles.join(' ')} ` };
}

/** Matches a row of pods, for texts without the header line. */
const POD_ROW = new RegExp(
  `^\\s{0,8}(?:(${NAMESPACE})\\s+)?(?:pod/)?(${NAME})\\s+\\d{1,4}/\\d{1,4}\\s+[A-Z][\\w:/]{1,60}\\s+\\d{1,9}(?:\\s\\([^)]{1,40}\\))?\\s+(?:\\d{1,5}[smhdy]){1,3}(?=\\s|$)`,
);

/** Returns the objects in the rows of `kubectl get`. Only their names and namespaces are read. Empty for any other text. */
export function tableForms(lines: readonly string[]): readonly Form[] {
  const begin = lines.findIndex((line) => headOf(line) !== undefined);
  const head = headOf(lines[begin]);
  if (head === undefined) return lines.flatMap(podForm);
  const after = lines.slice(begin + 1);
  const end = after.findIndex((line) => line.trim() === '');
  const resource = TITLES.find(([titles]) => head.titles.startsWith(`${titles} `))?.[1];
  return after.slice(0, end < 0 ? after.length : end).flatMap((row) => {
    const [first = '', second = ''] = row.trim().split(/\s+/, 2);
    return head.hasNamespace ? formOf(second, first, resource) : formOf(first, undefined, resource);
  });
}

function podForm(line: string): readonly Form[] {
  const [, namespace, name = ''] = POD_ROW.exec(line) ?? [];
  return formOf(name, namespace, 'pods');
}

const WHOLE_NAME = new RegExp(`^${NAME}$`);

function formOf(word: string, namespace: string | undefined, resource: string | undefined): readonly Form[] {
  const object = word.includes('/') ? objectIn(word) : WHOLE_NAME.test(word) ? { resource, name: word } : undefined;
  if (object === undefined) return [];
  const request = present<AuditRequest>({
    verb: undefined,
    uri: undefined,
    apiGroup: undefined,
    subresource: undefined,
    resource: undefined,
    ...object,
    namespace: namespace ?? ('namespace' in object ? object.namespace : undefined),
  });
  return [form('kubectl-output', [{ by: 'request', circumstances: { request } }])];
}

const NAME_LINE = new RegExp(`^Name:\\s+(${NAME})\\s*$`);
const NAMESPACE_LINE = new RegExp(`^Namespace:\\s+(${NAMESPACE})\\s*$`);

/**
 * Returns the object in the output of `kubectl describe`. Only the first lines are read, because anybody can have
 * written the annotations and event messages below. Undefined for any other text.
 */
export function describedForm(lines: readonly string[]): Form | undefined {
  const begin = lines.findIndex((line) => NAME_LINE.test(line));
  const head = begin < 0 ? [] : lines.slice(begin, begin + MOST_HEAD);
  if (!head.some((line) => /^(?:Labels|Annotations):\s/.test(line))) return undefined;
  const [name, namespace] = [NAME_LINE, NAMESPACE_LINE].map(
    (pattern) => head.map((line) => pattern.exec(line)?.[1]).find((each) => each !== undefined) ?? undefined,
  );
  if (name === undefined) return undefined;
  const request = { name, ...(namespace !== undefined && { namespace }) };
  return form('kubectl-output', [{ by: 'request', circumstances: { request } }]);
}

/** The number of lines in which `kubectl describe` has the name, the namespace and the labels. */
const MOST_HEAD = 12;
