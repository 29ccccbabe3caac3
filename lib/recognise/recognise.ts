import { filledTextAt, isJsonObject, parseJson } from '../json.ts';
import { arnElsewhere } from './arn-elsewhere.ts';
import { insightsRows, isInsightsCsv } from './csv.ts';
import { gatherValue, type Inflate } from './documents.ts';
import { Gathering } from './gathering.ts';
import { jsonValues } from './json-values.ts';
import { objectNameIn } from './object-text.ts';
import { FORMS, type Recognition } from './recognition.ts';
import { shownNameForm } from './shown-name.ts';
import { tidied, unfenced, wordOf } from './tidy.ts';
import { gatherText, gatherWord } from './words.ts';

/**
 * What somebody pasted, recognised without being told: `eks-whois <anything>`, `whois <anything>`, standard input, and
 * `GET /whois?q=`.
 *
 * `recognise` answers with one of three outcomes (recognition.ts):
 *
 * - `subjects`: whom to ask about (subject.ts), at most a thousand, `left` counts the rest. Print `as` and the `notes`, then
 *   for each subject `describeSubject` and, where it says something, `describeRequest` (describe.ts). With `reading: 'each'`
 *   each is asked for, and those in `otherReadings` by these where nothing is known of them; with `first-known` they are
 *   readings of one text: ask in their order, and answer with the first of which anything is known. By `by`:
 *   - `caller`: `question` is a `WhoisQuestion`; ask `whois` with it, at `told.at`.
 *   - `session`: as `caller`, once the role's id is found by its ARN (known roles); in default usernames `@` stands as `-`.
 *   - `username`: records of the username; a service account, node or `system:` user acts as itself, where nobody else is
 *     known to have acted under its name.
 *   - `role`: the role's sessions. `person`: that person's sessions and records.
 *   - `audit-id`: the records that bear it. `event-id`: the CloudTrail record, which `recognise` takes in its turn.
 * - `elsewhere`: it belongs to another command or option, which `advice` names; wrong usage.
 * - `nothing`: nobody is to be asked about, and `advice` says why, or what would have been recognised; wrong usage, of
 *   HTTP 400 with `q`.
 *
 * Trust: the text is hostile. The work is linear in it, nothing throws, bodies of events are never read, and what is not
 * an event by its form is not one by its place: the subjects are no more to be believed than whoever gave the text. Show
 * all texts escaped.
 */
export function recognise(text: string, inflate: Inflate = cannotInflate): Recognition {
  if (text.length > LONGEST_TEXT) return TOO_LONG;
  const bare = unfenced(text);
  const place = elsewhere(tidied(bare));
  if (place !== undefined) return place;
  const to = new Gathering();
  gather(bare, to, inflate, 0);
  const outcome = to.outcome();
  return outcome.outcome === 'nothing' && bare === '' ? { ...outcome, advice: `It is empty. ${FORMS}` } : outcome;
}

/** In UTF-16 code units. */
const LONGEST_TEXT = 1_000_000;

const TOO_LONG: Recognition = {
  outcome: 'elsewhere',
  as: 'more than 1 MB of text',
  advice: 'That is too much to ask about at once: put it into a file, and give that to attribute --audit.',
};

/** For whoever has no gzip at hand. */
function cannotInflate(): ReturnType<Inflate> {
  return { ok: false, reason: 'awslogs-data-unreadable' };
}

/** A text within a text, as a message's own JSON, is one level deeper. */
const MOST_LEVELS = 3;

function gather(text: string, to: Gathering, inflate: Inflate, level: number): void {
  if (level > MOST_LEVELS) return;
  const table = text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text;
  if (isInsightsCsv(table)) return gatherValue(insightsRows(table), to, inflate);
  const inner = quotedText(text);
  if (inner !== undefined) return gather(inner, to, inflate, level + 1);
  if ((text.includes('{') || text.startsWith('[')) && gatherJsonText(text, to, inflate, level)) return;
  const shown = shownNameForm(tidied(text));
  if (shown !== undefined) return to.add(shown);
  const word = tidied(wordOf(tidied(text)));
  if (word !== '' && !/\s/.test(word)) gatherWord(word, to);
  if (to.size === 0) gatherText(text, to);
}

/** Answers whether the JSON in the text says all that there is. */
function gatherJsonText(text: string, to: Gathering, inflate: Inflate, level: number): boolean {
  const { values, damaged } = jsonValues(text);
  for (const value of values) gatherJson(value, to, inflate, level);
  if (to.size > 0) to.cut(damaged);
  if (to.size > 0 || to.isSetAside) return true;
  if (values.length > 0 || !isCutAuditEvent(text)) return false;
  gatherCutEvent(text, to);
  return true;
}

/** The API server's answer as JSON (`kind: Status`) says in words what it refuses. */
function gatherJson(value: unknown, to: Gathering, inflate: Inflate, level: number): void {
  const message = isJsonObject(value) && value.kind === 'Status' ? filledTextAt(value, 'message') : undefined;
  if (message === undefined) gatherValue(value, to, inflate);
  else gather(message, to, inflate, level + 1);
}

/** What a JSON text says, with its own quotes, or cut out from within one: `{\"kind\":\"Event\"…`. */
function quotedText(text: string): string | undefined {
  const quoted = text.startsWith('"') ? text.replace(/[,;]$/, '') : /^[{[]\s*\\"/.test(text) ? `"${text}"` : undefined;
  if (quoted === undefined) return undefined;
  const parsed = parseJson(quoted);
  return parsed.ok && typeof parsed.value === 'string' && parsed.value !== text ? unfenced(parsed.value) : undefined;
}

/**
 * Entries over 1 MB are cut by CloudWatch Logs, and selections by hand, also at their beginning. In what is left of a body
 * there may be uids and usernames of anybody.
 */
function isCutAuditEvent(text: string): boolean {
  return /"(?:auditID|audit\.k8s\.io\/v1|requestObject|responseObject|requestReceivedTimestamp)"/.test(text);
}

const AUDIT_ID = /"auditID"\s{0,4}:\s{0,4}"([^"\\]{1,256})"/;

/** The first audit id stands before all bodies, in which ids of anybody may stand: nothing else is taken from it. */
function gatherCutEvent(text: string, to: Gathering): void {
  const hasBeginning = /^\{\s{0,20}"(?:kind|apiVersion|level|auditID)"/.test(text);
  const auditId = hasBeginning ? AUDIT_ID.exec(text.slice(0, 1_024))?.[1] : undefined;
  to.found('cut-audit-event', auditId === undefined ? undefined : { by: 'audit-id', auditId, told: {} });
  to.note('The event is cut: no more than its audit id can be told from what its bodies may say.');
}

/** What other commands and options take. */
function elsewhere(word: string): Recognition | undefined {
  if (/^s3:\/\//i.test(word) && !/\s/.test(word))
    return {
      outcome: 'elsewhere',
      as: 'an address in S3',
      advice: 'Files in S3 belong to --audit or --cloudtrail: eks-whois attribute --audit s3://… --cloudtrail s3://….',
    };
  if (/^(?:\.{0,2}|~)\/\S*$/.test(word) || /^\S{1,512}\.(?:json|jsonl|ndjson|csv|gz|parquet)$/i.test(word))
    return {
      outcome: 'elsewhere',
      as: 'a path',
      advice:
        'Files belong to --audit or --cloudtrail of eks-whois attribute; one event can be piped in: eks-whois whois < FILE.',
    };
  if (/^\d{12}$/.test(word))
    return {
      outcome: 'elsewhere',
      as: 'an AWS account id',
      advice: 'An account is nobody: give a role, a session or a user of it.',
    };
  if (/^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?$|^(?=.*:.*:)[0-9a-f:.]{2,45}$/i.test(word))
    return {
      outcome: 'elsewhere',
      as: 'an IP address',
      advice: 'Ask for what came from it: eks-whois records --ip ADDRESS.',
      ip: word,
    };
  const arn = arnElsewhere(word);
  if (arn !== undefined) return arn;
  const object = objectNameIn(word);
  if (object === undefined) return undefined;
  return {
    outcome: 'elsewhere',
    as: 'an object of Kubernetes',
    advice: 'Ask for what was done to it: eks-whois records --object NAME.',
    object,
  };
}
