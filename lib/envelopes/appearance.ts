import { isJsonObject, parseJson } from '../json.ts';
import type { RejectReason } from './reject.ts';

/** Describes input that is not understood: what it looks like, and what to do. Sentences are made of these texts. */
export interface Appearance {
  /** The kind of input, as a part of a sentence: `a CSV with the columns a, b`. */
  readonly looksLike: string;
  /** The next step, as a sentence: `Export it with the column @message.` */
  readonly advice: string;
}

/** The reasons for rejecting input whose form is not understood. All other reasons say what is wrong by themselves. */
const NOT_UNDERSTOOD: ReadonlySet<RejectReason> = new Set([
  'unrecognized',
  'not-json',
  'insights-row-without-@message',
  'trail-row-unreadable',
]);

const EXPORT_AGAIN = 'Export it again in one of the forms of docs/forms.md.';
const AUDIT_LOG = 'Give the audit log of the API server.';

/** Texts that people give instead of a log. The first one that matches counts. */
const KNOWN: readonly (readonly [text: RegExp, appearance: Appearance])[] = [
  [/^\s*\{"schemaVersion":1,/, { looksLike: 'records of eks-whois', advice: 'Give the log that they were made of.' }],
  [/^\s*<(?:!doctype|html|\?xml)/i, { looksLike: 'a web page or XML', advice: 'Download the log again.' }],
  [
    /"schemaVersion":"2\.0".{0,2000}"service":|"ProductArn":|"class_uid":200\d/s,
    { looksLike: 'a finding', advice: 'eks-whois whois looks up who is in it.' },
  ],
  [
    /"aws":(?:"…"|\{[^}]*"cloudtrail")/,
    {
      looksLike: "documents of Elastic's integrations, without the original event",
      advice:
        'Export event.original, which the integration keeps if preserve_original_event is set, or give the log itself.',
    },
  ],
  [
    /"apiVersion":"(?:v1|[\w.-]+\/v\d\w*)"/,
    { looksLike: 'objects of Kubernetes, as kubectl writes them', advice: AUDIT_LOG },
  ],
  [/^\d+ \d{12} eni-/, { looksLike: 'VPC flow logs', advice: 'Give an audit log or a trail.' }],
  [/^(?:https?|h2|grpcs|wss?) \d{4}-\d\d-/, { looksLike: 'access logs of a load balancer', advice: AUDIT_LOG }],
];

/**
 * Returns what a rejected piece looks like, from its sample. Undefined if its reason says what is wrong, or if the
 * sample is hidden.
 */
export function appearanceOf(reason: RejectReason, sample: string): Appearance | undefined {
  if (!NOT_UNDERSTOOD.has(reason) || sample === '' || sample === '…') return undefined;
  if (reason === 'insights-row-without-@message') {
    return { looksLike: 'a result of Logs Insights with chosen columns', advice: 'Add @message to the query.' };
  }
  if (reason === 'trail-row-unreadable') {
    return { looksLike: 'a table of the trail', advice: "Query all columns with SELECT *, or give the trail's files." };
  }
  const known = KNOWN.find(([text]) => text.test(sample))?.[1];
  return known ?? { looksLike: shapeOf(sample), advice: EXPORT_AGAIN };
}

/** Limits the fields or columns that are listed, and the length of each name. */
const [MOST_NAMES, LONGEST_NAME] = [8, 40];

/** Returns a description of a text: by its fields or columns, or else as text. */
function shapeOf(sample: string): string {
  const parsed = parseJson(sample);
  if (parsed.ok && isJsonObject(parsed.value)) {
    const names = Object.keys(parsed.value);
    return `JSON with the ${names.length === 1 ? 'field' : 'fields'} ${listed(names)}`;
  }
  if (sample.startsWith('{') || sample.startsWith('[')) return 'JSON of another kind';
  const line = sample.split('\n', 1)[0] ?? '';
  const columns = line.split(',').map((column) => column.trim().replace(/^"|"$/g, ''));
  const isHeader = columns.length > 1 && columns.every(looksLikeColumn);
  return isHeader ? `a CSV with the columns ${listed(columns)}` : 'plain text';
}

/** Returns whether the text can be the name of a column, rather than a part of a sentence with commas. */
function looksLikeColumn(text: string): boolean {
  return /^[@\w][\w .@-]*$/.test(text) && !/\. |(?: [^ ]+){4}/.test(text);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name.slice(0, LONGEST_NAME));
  return names.length > MOST_NAMES ? `${shown.join(', ')} and ${names.length - MOST_NAMES} more` : shown.join(', ');
}
