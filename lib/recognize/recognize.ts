import { builtInResource } from '../audit/resource-words.ts';
import { isAccountId } from '../identity/arn.ts';
import { INSTANCE_ID_SHAPE } from '../identity/session-name.ts';
import { filledTextAt, isJsonObject, parseJson } from '../json.ts';
import { parseInstant } from '../time.ts';
import { falcoBlockForm, falcoProcessForm } from './alerts.ts';
import { misplacedArn } from './arns.ts';
import { NONE, withoutCallersTexts } from './callers-texts.ts';
import { textsOfChat } from './chats.ts';
import { insightsRows, isInsightsCsv, rowsOfFields, tableRows } from './csv.ts';
import { collectValue, type Inflate } from './documents.ts';
import { tidied, unfenced, wordOf } from './edges.ts';
import { errorForm, errorWithinQuotes } from './errors.ts';
import { givenCircumstances, subjectOfUser } from './events.ts';
import { falcoRequestForm, isFalcoRequest } from './falco-requests.ts';
import { areAlertFields, areNamesAndValues, blockForm, fieldsForm, fieldsOf, rowForm } from './fields.ts';
import { type Form, FormCollector, form, isTimed } from './form-collector.ts';
import { ambiguousForm, distinctForm, readUid } from './forms.ts';
import { findingLinkIn } from './guardduty.ts';
import { jsonValues } from './json-values.ts';
import { inWords } from './kinds.ts';
import { describedForm, tableForms } from './kubectl-tables.ts';
import { withoutMarkup } from './layouts.ts';
import { wordForms } from './loose-ids.ts';
import { looseWords, roughTimeIn } from './loose-words.ts';
import { withoutMailHeaders } from './mails.ts';
import { deniedForm, doneForms, eventRowForm, objectIn, pathRequest, statusForm } from './objects.ts';
import { FORMS, type Recognition, type UnrecognizedText } from './recognition.ts';
import { refusalForm, unauthorizedForm } from './refusal.ts';
import { deedOfWord, openQuestionIn, questionIn, tokenQuestionIn } from './short-questions.ts';
import { shownNameForm, workloadForm } from './shown-name.ts';
import type { Circumstances } from './subject.ts';
import { timePhraseIn } from './time-phrases.ts';
import { tokenForm } from './tokens.ts';
import { unknownAlertForm } from './unknown-alerts.ts';
import {
  isMonthFirst,
  MONTH_WAS_FIRST,
  oncePerRequest,
  onlyDate,
  withIsoTimes,
  writtenAt,
  writtenTime,
} from './written-times.ts';
import { objectsOfYaml } from './yaml-objects.ts';

/**
 * Recognizes what somebody pasted: `eks-whois <anything>`, `whois <anything>`, standard input, and `GET /whois?q=`.
 *
 * Returns one of three outcomes (recognition.ts):
 *
 * - `subjects`: what to look up (subject.ts), at most a thousand; `left` counts the rest. Print `as` and the `notes`, then for
 *   each subject `describeSubject` and, unless empty, `describeRequest` (describe.ts). With `reading: 'each'` look up each one,
 *   and try its `otherReadings` if it is unknown. With `first-known` they are readings of one text: try them in order, and
 *   answer with the first one that is known. By `by`:
 *   - `caller`: `question` is a `WhoisQuestion`; ask `whois` with it, at `circumstances.at`.
 *   - `session`: as `caller`, once the role ID is found by the ARN (known roles). Default usernames have `-` for `@`.
 *   - `username`: records of the username. A service account, node or `system:` user acts as itself, unless somebody else is
 *     known to have acted under its name.
 *   - `role`: the role's sessions. `person`: that person's sessions and records.
 *   - `audit-id`: the records that have it. `event-id`: the CloudTrail record, which `recognize` reads in turn.
 * - `elsewhere`: another command or option takes it, and `advice` names it. This is wrong usage.
 * - `nothing`: there is nothing to look up, and `advice` says why, or which forms are recognized. This is wrong usage, and HTTP
 *   400 with `q`.
 *
 * Trust: the text is hostile. The work is linear in its length, nothing throws, and bodies of events are never read. A part
 * counts as an event only by its form, never by its place. The subjects are as credible as whoever gave the text. Show all texts
 * escaped.
 */
export function recognize(text: string, inflate: Inflate = cannotInflate): Recognition {
  if (text.length > LONGEST_TEXT) return TOO_LONG;
  const plain = /^\s*</.test(text) ? { text, removed: [] } : withoutCallersTexts(text);
  const { text: own, removed } = withoutCallersTexts(withoutMarkup(plain.text));
  return withNote(recognizeOwnText(own, inflate), [...plain.removed, ...removed]);
}

/** Recognizes a text without what callers wrote into it. */
function recognizeOwnText(text: string, inflate: Inflate): Recognition {
  const bare = withoutQuestion(unfenced(text));
  const place = misplacedText(withIsoTimes(tidied(bare)));
  if (place !== undefined) return withCluster(place, bare);
  return recognizeMailBody(bare, inflate) ?? recognizeBareText(bare, inflate);
}

/** Adds a note that names the fields whose values were removed. */
function withNote(recognition: Recognition, removed: readonly string[]): Recognition {
  if (removed.length === 0) return recognition;
  const names = [...new Set(removed)].slice(0, MOST_NAMES).join(', ');
  return {
    ...recognition,
    notes: [...(recognition.notes ?? []), `Not read, because callers can write anything there: ${names}.`],
  };
}

/** The maximum number of fields that a note names. */
const MOST_NAMES = 10;

const KIND_OF_NAMES = inWords(new Map([['name', 1]]));

/** Recognizes the body of a mail, without its headers. Undefined if the text is not a mail, or if nothing in the body can be looked up. */
function recognizeMailBody(bare: string, inflate: Inflate): Recognition | undefined {
  const { rest, headers } = withoutMailHeaders(bare);
  if (headers.length === 0) return undefined;
  const found = recognize(rest, inflate);
  const note = `The headers of the mail were not used: ${headers.join(', ')}.`;
  // A body with only a greeting would be read as a name.
  const isNothing = found.outcome === 'nothing' || found.as === KIND_OF_NAMES;
  return isNothing ? undefined : { ...found, notes: [...(found.notes ?? []), note] };
}

function recognizeBareText(bare: string, inflate: Inflate): Recognition {
  const link = bare.includes('{') ? undefined : findingLinkIn(bare);
  const to = new FormCollector();
  collect(link?.rest ?? bare, to, inflate, 0);
  const outcome = to.outcome();
  if (link !== undefined && outcome.outcome === 'nothing')
    return { outcome: 'elsewhere', as: 'a notification of a GuardDuty finding', advice: link.advice };
  if (outcome.outcome === 'nothing' && to.size === 0 && !to.hasNotes && bare !== '')
    return withCluster(lastResort(withIsoTimes(bare), outcome), bare);
  return outcome.outcome === 'nothing' && bare === '' ? { ...outcome, advice: `It is empty. ${FORMS}` } : outcome;
}

/** Adds another reading of `in NAME`: the name of a cluster. It counts if the log has no such request in a namespace with that name. */
function withCluster(recognition: Recognition, text: string): Recognition {
  if (recognition.outcome !== 'elsewhere' || recognition.request === undefined) return recognition;
  const { cluster, request: { namespace, ...request } = {} } = recognition.request;
  if (cluster !== undefined || namespace === undefined || !text.includes(` in ${namespace}`)) return recognition;
  const others = Object.keys(request).length === 0 ? undefined : request;
  return {
    ...recognition,
    otherwise: givenCircumstances({ ...recognition.request, cluster: namespace, request: others }),
  };
}

/** Reads the known words of a text as a description of requests. Only an audit log can answer it. */
function lastResort(text: string, otherwise: UnrecognizedText): Recognition {
  if (DESCRIBED_EVENT.test(text)) return { ...otherwise, notes: [WITHOUT_OBJECT] };
  const { circumstances: request, notes } = looseWords(text) ?? {};
  if (notes === undefined) return otherwise;
  if (request === undefined) return { ...otherwise, notes };
  return {
    outcome: 'elsewhere',
    as: 'some words of a text',
    advice: 'To search for them, add the audit log (--audit with --cloudtrail), or ask the service (--api or --table).',
    request,
    notes,
  };
}

/** Matches an event in the output of `kubectl describe`: type, reason, age. */
const DESCRIBED_EVENT = /^[ \t]{0,8}(?:Normal|Warning)[ \t]{1,40}[A-Z]\w{1,60}[ \t]{1,40}(?:\d{1,5}[smhdy]){1,3}[ \t]/m;
const WITHOUT_OBJECT =
  'The events of kubectl describe do not state their object. Paste the whole output, or give the object, such as deployment/web.';

/** Matches a question about only a person or a thing: `who used 203.0.113.31?`, `what did ben.okafor do`. */
const WHO_IS =
  /^(?:who (?:is|was|used|is behind)|what did) (?!(?:the|in)\s|(?:they|people|any\w+|some\w+|every\w+|what|active|there|doing)\b)(\S{1,2048}?)(?: do)?\s*\??$/i;

/** Matches a question about a source IP or a CIDR block: `what came from 45.83.64.0/24?`, `requests from 45.83.64.11`. */
const CAME_FROM =
  /^(?:(?:show|list)(?: me)? )?(?:all )?(?:what|who|which (?:requests?|calls?)|(?:the )?(?:requests?|calls?|traffic)|(?:did )?any(?:thing|body|one)|everything) (?:(?:else )?(?:came|comes?|coming|was made|were made|is|are|was|were|connected|called|acted|made requests?) )?from (?:the )?(?:source )?(?:ips?|address(?:es)?|range|cidr|network|subnet)? ?([\da-f.:]{3,45}(?:\/\d{1,3})?)\s*\??$/i;

/** Matches a node given by its instance ID. The session name of a node is its instance ID, but the Node object has the name of the host. */
const OF_INSTANCE = new RegExp(
  `^(?:(?:who (?:is|was|used|is behind)|what did) )?(?:the )?nodes?[ /](${INSTANCE_ID_SHAPE})(?: do)?\\s*\\??$`,
  'i',
);

/** Matches a question about a token by its ID: who requested or used it. */
const OF_TOKEN =
  /^(?:what (?:was|did they) (?:done|do) with|who (?:used|requested|created|issued)) (?:the )?token (?:id )?(?:JTI=)?([\da-f]{8}-[\da-f-]{27})\s*\??$/i;

/** Matches the ID of a token as the token itself has it: `"jti": "…"`. Source: RFC 7519, 4.1.7. */
const OF_JTI = /^\{?\s{0,4}["']?jti["']?\s{0,4}[:=]\s{0,4}["']?(?:JTI=)?([\da-f]{8}-[\da-f-]{27})["']?\s{0,4}\}?,?$/i;

/** Returns what a question is about, without the rest of its words. Returns any other text unchanged. */
function withoutQuestion(text: string): string {
  const token = (OF_TOKEN.exec(text) ?? OF_JTI.exec(text))?.[1];
  if (token !== undefined) return `JTI=${token}`;
  return OF_INSTANCE.exec(text)?.[1] ?? WHO_IS.exec(text)?.[1] ?? CAME_FROM.exec(text)?.[1] ?? text;
}

/** The longest text that is read, in UTF-16 code units. */
const LONGEST_TEXT = 1_000_000;

const TOO_LONG: Recognition = {
  outcome: 'elsewhere',
  as: 'a text of more than 1 MB',
  advice: 'It is too long to look up at once. Put it in a file and run eks-whois attribute --audit FILE.',
};

/** Refuses every text. The default for callers without gzip. */
function cannotInflate(): ReturnType<Inflate> {
  return { ok: false, reason: 'awslogs-data-unreadable' };
}

/** The maximum depth of texts within texts, such as JSON in a message. */
const MOST_LEVELS = 3;

function collect(text: string, to: FormCollector, inflate: Inflate, level: number): void {
  if (level > MOST_LEVELS) return;
  if (collectOwnBlock(text, to) || collectDocument(text, to, inflate)) return;
  const inner = quotedText(text);
  if (inner !== undefined) return collect(inner, to, inflate, level + 1);
  if (text.split(/\r?\n/, MOST_LINES).some(isFalcoRequest)) return collectText(text, to);
  if ((text.includes('{') || text.startsWith('[')) && collectJsonText(text, to, inflate, level)) return;
  collectProse(withIsoTimes(text), to);
  if (to.isTimed && isMonthFirst(text)) to.note(MONTH_WAS_FIRST);
}

/** Reads the fields of lines that are one alert with its own caller. Nothing else in such a text counts. Returns whether it is one. */
function collectOwnBlock(text: string, to: FormCollector): boolean {
  if (/^\s*[[{"]/.test(text)) return false;
  const block = blockForm(linesOf(withIsoTimes(text)), onlyDate(text));
  if (block === undefined || !hasCaller(block)) return false;
  to.add(block);
  if (to.isTimed && isMonthFirst(text)) to.note(MONTH_WAS_FIRST);
  return true;
}

/** Returns whether the form states a caller. */
function hasCaller({ subjects }: Form): boolean {
  return subjects.some(({ by }) => !['request', 'audit-id', 'event-id'].includes(by));
}

/** Reads a text that is neither a document nor JSON. */
function collectProse(given: string, to: FormCollector): void {
  const text = given.includes('{') ? withoutCallersTexts(given, true).text : given;
  const whole = wholeForm(tidied(text));
  if (whole !== undefined) return to.add(whole);
  const word = tidied(wordOf(tidied(text)));
  if (word !== '' && !/\s/.test(word)) collectWord(word, to);
  if (to.size === 0 && !asksWhether(text)) collectText(text, to, given);
}

/**
 * Reads a document: a CSV or a table (Logs Insights, Microsoft Sentinel and similar tools), Kubernetes objects in YAML,
 * or the output of `kubectl describe`. Returns whether the text is one of these.
 */
function collectDocument(text: string, to: FormCollector, inflate: Inflate): boolean {
  const lines = text.split(/\r?\n/, MOST_LINES);
  if (areNamesAndValues(lines)) return false;
  const described = describedForm(lines);
  if (described !== undefined) {
    to.add(described);
    return true;
  }
  const table = text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text;
  const rows = blockForm(lines) === undefined ? filled(tableRows(text)) : undefined;
  const values = isInsightsCsv(table) ? insightsRows(table) : (rows ?? objectsOfYaml(text));
  if (values?.length === 0 && !isInsightsCsv(table)) to.note(DAMAGED_EVENT);
  else if (values !== undefined) collectValue(values, to, inflate);
  return values !== undefined || collectAlertRows(table, to);
}

/** Reads the rows of a CSV with the fields of alerts as its columns. Returns whether the text is one. */
function collectAlertRows(text: string, to: FormCollector): boolean {
  const { names = [], rows = [] } = rowsOfFields(text) ?? {};
  if (rows.length === 0 || !areAlertFields(names)) return false;
  if (rows.includes(undefined)) to.note(OTHER_CELLS);
  for (const row of rows.filter((each) => each !== undefined)) {
    const dated = row.map(([name, value]) => [name, withIsoTimes(value)] as const);
    const found = rowForm(dated);
    if (found === undefined) to.countUnrecognized();
    else to.add(found);
    if (found?.subjects.some(isTimed) && row.some(([, value]) => isMonthFirst(value))) to.note(MONTH_WAS_FIRST);
  }
  return true;
}

const OTHER_CELLS = 'Not read: rows of the CSV with more or fewer cells than its columns.';

/** Returns the list, or undefined if it is empty. */
function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length === 0 ? undefined : list;
}

/** Returns the form of the whole text: a name as answers show it, or a single line with an error about credentials (401). */
function wholeForm(text: string): Form | undefined {
  return shownNameForm(text) ?? (text.includes('\n') ? undefined : timedForm(text, unauthorizedForm(text), undefined));
}

/** Reads the JSON in the text. Returns whether the text is done, so that its words need not be read. */
function collectJsonText(text: string, to: FormCollector, inflate: Inflate, level: number): boolean {
  const { values, damaged } = jsonValues(text);
  for (const value of values) collectJson(value, to, inflate, level);
  if (to.size > 0) to.noteDamaged(damaged);
  if (to.size > 0 || to.hasNotes) return true;
  to.setUnrecognized(0); // The text will be read again, word by word, so parts count anew.
  if (values.length > 0 || !isCutAuditEvent(text)) return false;
  collectCutEvent(text, to);
  return true;
}

/** Reads a JSON value. If nothing is recognized in it and it is a chat message, reads each text in it. */
function collectValueOrTexts(value: unknown, to: FormCollector, inflate: Inflate): void {
  collectValue(value, to, inflate);
  const texts = to.size > 0 || to.hasNotes ? [] : textsOfChat(value);
  if (texts.length > 0) to.setUnrecognized(0);
  for (const text of texts) collectText(withoutCallersTexts(text).text, to);
}

/** Reads JSON as alerts of unknown tools. Returns whether any was recognized. */
function collectUnknownAlerts(text: string, to: FormCollector): boolean {
  const { values, damaged } = /[{[]/.test(text) ? jsonValues(text) : { values: [], damaged: 0 };
  const found = values.flat().map(unknownAlertForm);
  if (found.every((each) => each === undefined)) return false;
  collectForms(found, to);
  to.setUnrecognized(found.filter((each) => each === undefined).length);
  to.noteDamaged(damaged);
  return true;
}

/** Returns whether the text is JSON whose own fields state a caller and a request. Then no sentence in it counts. */
function isOwnAlert(text: string): boolean {
  const parsed = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  return parsed?.ok === true && isJsonObject(parsed.value) && areAlertFields(Object.keys(parsed.value));
}

/** Reads one JSON value. If it is a `Status` of the API server, reads the sentence in its message first. */
function collectJson(value: unknown, to: FormCollector, inflate: Inflate, level: number): void {
  const message = isJsonObject(value) && value.kind === 'Status' ? filledTextAt(value, 'message') : undefined;
  if (message === undefined) return collectValueOrTexts(value, to, inflate);
  collect(message, to, inflate, level + 1);
  const form = to.size === 0 && isJsonObject(value) ? statusForm(value) : undefined;
  if (form !== undefined) to.add(form);
}

/** Returns the content of a JSON string. The quotes around it may be missing: `{\"kind\":\"Event\"…`. Undefined for any other text. */
function quotedText(text: string): string | undefined {
  const quoted = text.startsWith('"') ? text.replace(/[,;]$/, '') : /^[{[]\s*\\"/.test(text) ? `"${text}"` : undefined;
  if (quoted === undefined) return undefined;
  const parsed = parseJson(quoted);
  return parsed.ok && typeof parsed.value === 'string' && parsed.value !== text ? unfenced(parsed.value) : undefined;
}

/**
 * Returns whether the text is a part of an audit event. CloudWatch Logs cuts entries over 1 MB, and people cut by hand,
 * even at the beginning. In what is left of a body, uids and usernames can be anybody's.
 */
function isCutAuditEvent(text: string): boolean {
  return /"(?:auditID|audit\.k8s\.io\/v1|requestObject|responseObject|requestReceivedTimestamp)"/.test(text);
}

const AUDIT_ID = /"auditID"\s{0,4}:\s{0,4}"([^"\\]{1,256})"/;

/**
 * Adds an incomplete event by its first audit ID, which comes before all bodies. Nothing else of it is used, because
 * bodies can have anybody's IDs.
 */
function collectCutEvent(text: string, to: FormCollector): void {
  const hasBeginning = /^\{\s{0,20}"(?:kind|apiVersion|level|auditID)"/.test(text);
  const auditId = hasBeginning ? AUDIT_ID.exec(text.slice(0, 1_024))?.[1] : undefined;
  to.addPart('cut-audit-event', auditId === undefined ? undefined : { by: 'audit-id', auditId, circumstances: {} });
  to.note(
    auditId === undefined
      ? 'It was cut before its audit ID, or has lost its beginning. Nothing else of it is used: anything else could come from a request or response body.'
      : 'Only its audit ID is used: anything else could come from a request or response body.',
  );
}

/** Returns advice for texts that other commands and options take. */
function misplacedText(word: string): Recognition | undefined {
  if (/^s3:\/\//i.test(word) && !/\s/.test(word))
    return {
      outcome: 'elsewhere',
      as: 'an S3 URI',
      advice: 'Give files in S3 with --audit or --cloudtrail: eks-whois attribute --audit s3://… --cloudtrail s3://….',
    };
  const path = misplacedPath(word);
  if (path !== undefined) return path;
  if (/^(?:\.{0,2}|~)\/\S*$/.test(word) || /^\S{1,512}\.(?:json|jsonl|ndjson|csv|gz|parquet)$/i.test(word))
    return {
      outcome: 'elsewhere',
      as: 'a file path',
      advice:
        'Give files to eks-whois attribute with --audit or --cloudtrail, or pipe in one event: eks-whois whois < FILE.',
    };
  if (isAccountId(word))
    return {
      outcome: 'elsewhere',
      as: 'an AWS account ID',
      advice: 'List the requests by its users and roles: eks-whois records --account ID.',
      request: { names: [word] },
    };
  const time = misplacedTime(word);
  if (time !== undefined) return time;
  if (/^(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?$|^(?=.*:.*:)[0-9a-f:.]{2,45}(?:\/\d{1,3})?$/i.test(word))
    return {
      outcome: 'elsewhere',
      as: addressWords(word),
      advice: 'List the requests from it: eks-whois records --ip ADDRESS.',
      ip: word,
      request: isAddress(word) ? { sourceIps: [word] } : undefined,
    };
  return (
    misplacedTokenId(word) ??
    misplacedArn(word) ??
    misplacedUserAgent(word) ??
    misplacedChangeQuestion(word) ??
    misplacedHelmError(word) ??
    misplacedObject(word) ??
    misplacedQuestion(word)
  );
}

/**
 * Matches a user agent: a program and its version. More programs, or comments in parentheses, can follow. If the
 * program is alone, its version needs a dot. Source: RFC 9110, 10.1.5.
 */
const USER_AGENT =
  /^[A-Za-z][\w.+-]{0,99}\/v?(?:\d{1,9}\.[\w.+-]{1,99}(?:\/[\w.+-]{1,99}){0,3}$|\d[\w.+-]{0,99} (?:\(|[\w.+-]{1,99}\/).{1,1000}$)/;
/** Matches a text that says it is about a user agent: `user agent X`, `who used user agent X?`. */
const LABELED_AGENT =
  /^(?:(?:who|which (?:user|person|caller)s?) (?:used|uses|has|had|is using) )?(?:the )?user[- ]?agent(?:\s*[:=]\s*|\s+)["'`]?(\S.{0,1000}?)["'`]?\s*\??$/i;
const WHO_USED = /^who (?:used|is using) (.{1,1000}?)\s*\??$/i;

/** Returns whether a line has several fields, such as those of an alert. */
function statesSeveral(line: string): boolean {
  return fieldsOf(line).size > 2;
}

function misplacedUserAgent(text: string): Recognition | undefined {
  const stated = statesSeveral(text) ? undefined : LABELED_AGENT.exec(text)?.[1];
  const word = stated ?? WHO_USED.exec(text)?.[1] ?? text;
  const [, program = '', command] = /^([^/\s]+)\/\S+\s?(.*)$/.exec(word) ?? [];
  const isObject = command === '' && builtInResource(program) !== undefined;
  if (stated === NONE || (stated === undefined && (!USER_AGENT.test(word) || isObject))) return undefined;
  return {
    outcome: 'elsewhere',
    as: 'a user agent',
    advice: 'List the requests with it: eks-whois records --user-agent TEXT.',
    request: { userAgent: word },
  };
}

/** Matches a question about changes that only CloudTrail shows: logs that were turned off, access entries, endpoints. */
const OF_CHANGE =
  /^(?:who|when|what|did|has|was|were|which)\b(?=.*\b(?:logs?|logging|access entr(?:y|ies)|access polic(?:y|ies)|endpoints?|pod identity associations?)\b).*\b(?:turn(?:ed)?|switch(?:ed)?|disabled?|enabled?|created?|added|deleted?|removed?|changed?|associated?|disassociated?|granted?)\b/i;
/** Matches words that show that such a question is about Kubernetes objects instead. */
const OF_OBJECTS = /\b(?:pods?|deployments?|secrets?|configmaps?|bindings?|endpointslices?|namespaces?)\b/i;

function misplacedChangeQuestion(text: string): Recognition | undefined {
  if (text.length > 300 || !OF_CHANGE.test(text) || OF_OBJECTS.test(text)) return undefined;
  return {
    outcome: 'elsewhere',
    as: 'a question about a change of a cluster through the EKS API',
    advice: 'CloudTrail has it, not the audit log. List these changes: eks-whois changes --cluster NAME.',
  };
}

/** Matches Helm's error that no revision of a release is deployed. Source: helm/helm, issue 5595. */
const OF_RELEASE = /(?:^|[\s:])"([a-z0-9](?:[a-z0-9.-]{0,51}[a-z0-9])?)" has no deployed releases(?!\w)/;

/**
 * Returns advice for Helm's error that no revision of a release is deployed. By default, Helm keeps each revision in a
 * secret of its own, whose name ends in the revision's number. So no single object has all the requests.
 */
function misplacedHelmError(text: string): Recognition | undefined {
  const release = OF_RELEASE.exec(text.slice(0, LONGEST_ERROR))?.[1];
  if (release === undefined) return undefined;
  return {
    outcome: 'elsewhere',
    as: 'an error of Helm',
    advice: `By default, Helm keeps a release in secrets. To see who created and deleted those of ${release}: eks-whois records --resource secrets --object 'sh.helm.release.v1.${release}.*'.`,
  };
}

/** The number of characters in which an error of Helm is searched. */
const LONGEST_ERROR = 4_096;

function misplacedTime(word: string): Recognition | undefined {
  const request = timeIn(word);
  return (
    request && {
      outcome: 'elsewhere',
      as: 'a time',
      advice: 'List the requests of that time: eks-whois records --from TIME --to TIME.',
      request,
    }
  );
}

/** Returns the time if the text states nothing else. Undefined for any other text. */
function timeIn(word: string): Circumstances | undefined {
  if (!TIME.test(word)) return undefined;
  const at = WITH_SECONDS.test(word) ? parseInstant(word) : undefined;
  if (at !== undefined) return { at };
  const phrase = timePhraseIn(word);
  return phrase?.rest === '' && Object.keys(phrase.circumstances).length > 0 ? phrase.circumstances : undefined;
}

function misplacedPath(word: string): Recognition | undefined {
  const request = pathRequest(word);
  return (
    request && {
      outcome: 'elsewhere',
      as: 'a request path',
      advice: 'List the requests to its object: eks-whois records --object NAME.',
      request,
    }
  );
}

function misplacedTokenId(word: string): Recognition | undefined {
  const [, credentialId] = CREDENTIAL.exec(word) ?? [];
  return credentialId === undefined
    ? undefined
    : {
        outcome: 'elsewhere',
        as: 'the ID of a token',
        advice:
          'Only an audit log shows who used a token. Add the audit log (--audit with --cloudtrail), or ask the service (--api or --table).',
        request: { credentialId },
      };
}

function misplacedObject(word: string): Recognition | undefined {
  const object = objectIn(word);
  return (
    object && {
      outcome: 'elsewhere',
      as: 'a Kubernetes object',
      advice: 'List the requests to it: eks-whois records --object NAME.',
      object: object.name,
      request: { request: object },
    }
  );
}

/** Returns whether the question selects few requests even if it has no time. A verb alone selects too many. */
function selectsRequests({
  tokenOf,
  cluster,
  request: { verb, resource, name, namespace } = {},
}: Circumstances): boolean {
  return (tokenOf ?? name ?? resource ?? (verb && (namespace ?? cluster))) !== undefined;
}

/** Reads a question about requests, with its time. Undefined if the text is not such a question, or selects too many requests. */
function misplacedQuestion(text: string): Recognition | undefined {
  const timed = timePhraseIn(text);
  const isTimed = timed !== undefined && Object.keys(timed.circumstances).length > 0;
  const untimed = (isTimed ? timed.rest.replace(/[\s,?]+$/, '') : text).trim();
  const question = tokenQuestionIn(untimed) ?? questionIn(untimed) ?? openQuestionIn(untimed);
  if (question === undefined || (timed !== undefined && !isTimed)) return undefined;
  if (!isTimed && !selectsRequests(question)) return undefined;
  const request = { ...question, ...timed?.circumstances };
  return {
    outcome: 'elsewhere',
    as: 'a question about requests',
    advice: 'List the requests: eks-whois records --verb VERB --resource TYPE --object NAME.',
    object: request.request?.name,
    request,
  };
}

/**
 * Matches the credential ID of a token (KEP-4193), alone or with its field, as an audit event has it:
 * `"authentication.kubernetes.io/credential-id": ["JTI=…"]`.
 */
const CREDENTIAL =
  /^(?:["']?authentication\.kubernetes\.io\/(?:issued-)?credential-id["']?\s{0,4}[:=]\s{0,4})?\[?\s{0,9}["']?(JTI=[^\s"'\],]{1,256})["']?\s{0,9}\]?$/;

const TIME = /^(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d\d/;
const WITH_SECONDS = /^\S{1,10}[T ]\d\d:\d\d:\d\d/;

/** Returns a phrase for a text in the form of an IP address or a CIDR block. */
function addressWords(word: string): string {
  if (!isAddress(word)) return 'something like an IP address';
  return word.includes('/') ? 'a range of IP addresses' : 'an IP address';
}

/** Returns whether the word is an IP address or a CIDR block. */
function isAddress(word: string): boolean {
  const [address = '', bits = '0'] = word.split('/');
  const isOfSix = address.includes(':');
  return Number(bits) <= (isOfSix ? 128 : 32) && (isOfSix || address.split('.').every((part) => Number(part) < 256));
}

/** Adds a single word that is the whole text. */
function collectWord(word: string, to: FormCollector): void {
  const found =
    tokenForm(word) ??
    distinctForm(word) ??
    workloadForm(word) ??
    (NAMED_FIELD.test(word) ? fieldsForm(word) : undefined) ??
    ambiguousForm(word);
  if (found !== undefined) to.add(found);
}

/** Matches a word with the name of its field: `uid="…"`, `accessKeyId=ASIA…`. In a username, `:` does not end the name of a field. */
const NAMED_FIELD = /^["']?[A-Za-z][\w.-]{0,40}["']?(?:=|:["'])/;

/** The maximum number of lines that are read. */
const MOST_LINES = 10_000;

/**
 * Matches an audit event or a CloudTrail record inside a text of another form, by the names of two of its fields in any
 * quotes. Such a text is not read, because anybody can write IDs and fields into bodies and user agents.
 */
const NAMES_OF_EVENTS: readonly (readonly [RegExp, RegExp])[] = [
  [fieldNamed('auditID'), fieldNamed('user')],
  [fieldNamed('auditID'), fieldNamed('(?:request|response)Object')],
  [fieldNamed('userIdentity'), fieldNamed('(?:requestParameters|responseElements)')],
];

function fieldNamed(name: string): RegExp {
  return new RegExp(`(?:^|[\\s{,\\\\"'-])${name}(?:\\\\{0,15}["'])?\\s{0,4}:`, 'm');
}

function hasNamesOfEvent(text: string): boolean {
  return NAMES_OF_EVENTS.some((names) => names.every((name) => name.test(text)));
}

const WITHIN_ANOTHER_FORM =
  'The text has an audit event or a CloudTrail record in a form that is not recognized. Paste the event itself, as JSON.';

const DAMAGED_EVENT =
  'The text has an event of Kubernetes that cannot be read. Paste the whole event, as YAML or JSON.';

/** Matches a question if somebody did something: `did ana@example.com delete the namespace shop?`. */
const WHETHER = /^did \S{1,320}@\S{1,253} (\w{1,20}) .{1,600}$/i;

/** Returns whether the text asks if somebody did something. If so, looking up the email address alone would answer only half of it. */
function asksWhether(text: string): boolean {
  const deed = WHETHER.exec(text)?.[1];
  return deed !== undefined && deedOfWord(deed) !== undefined;
}

/**
 * Adds the errors, log lines and alerts in a text. If there are none, adds the IDs among its words. If there are none
 * either, adds what the text says that kubectl did.
 */
function collectText(text: string, to: FormCollector, given = text): void {
  if (isOwnAlert(given) && collectUnknownAlerts(given, to)) return;
  if (hasNamesOfEvent(text)) return to.note(WITHIN_ANOTHER_FORM);
  const lines = linesOf(text);
  const date = onlyDate(text);
  const isOfErrors = lines.some((line) => errorForm(line) !== undefined || isFalcoRequest(line));
  if (!isOfErrors && !lines.some(errorWithinQuotes) && collectUnknownAlerts(given, to)) return;
  const block = falcoBlockForm(lines) ?? (isOfErrors ? undefined : blockForm(lines, date));
  const found = block === undefined ? formsOfBlocks(lines, isOfErrors, date) : [block];
  if (found.some((each) => each !== undefined)) return collectForms(found, to);
  if (hasNamesOfEvent(given)) return to.note(WITHIN_ANOTHER_FORM);
  collectWords(text, lines, date, to);
}

/** Adds what the words of a text state: IDs, a token, or what kubectl refused or did. */
function collectWords(text: string, lines: readonly string[], date: string | undefined, to: FormCollector): void {
  const pair = pairForm(text);
  collectForms(pair === undefined ? withAddresses(withWords(wordForms(text), text), text) : [pair], to);
  if (to.size > 0) return;
  const token = tokenForm(text);
  if (token !== undefined) return to.add(token);
  collectForms(
    lines.map((line) => timedForm(line, deniedForm(line), date)),
    to,
  );
  if (to.size > 0) return;
  collectForms(
    lines.flatMap((line) => doneForms(line).map((each) => roughlyTimed(timedForm(line, each, date), text))),
    to,
  );
}

/** Matches what comes before each line in Terraform's frames and in replies to mails. */
const LINE_MARK = /^[ \t]{0,8}(?:[\u2502\u2575\u2577]|>{1,8}(?= |$))[ \t]?/;

/** Returns the lines of a text without marks before them. If a tool has wrapped an error about a refused request, its lines become one. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/, MOST_LINES).map((line) => line.replace(LINE_MARK, ''));
  if (!/cannot|forbidden/.test(text) || lines.some((line) => refusalForm(line) !== undefined)) return lines;
  return lines
    .join('\n')
    .split(/\n[ \t]*\n/)
    .flatMap((block) => {
      const wrapped = block.split('\n');
      const whole = wrapped.map((line) => line.trim()).join(' ');
      return [...(refusalForm(whole) === undefined ? wrapped : [whole]), ''];
    });
}

/**
 * Returns the form of each line. Lines between two blank lines can be one alert with a field in each line, and a text
 * can have several of these.
 */
function formsOfBlocks(
  lines: readonly string[],
  isOfErrors: boolean,
  date: string | undefined,
): readonly (Form | undefined)[] {
  const blocks: string[][] = [[]];
  for (const line of lines)
    if (line.trim() === '') blocks.push([]);
    else blocks.at(-1)?.push(line);
  const found = blocks.flatMap((block) => {
    const whole = isOfErrors || blocks.length === 1 ? undefined : (falcoBlockForm(block) ?? blockForm(block, date));
    return whole ?? block.map((line) => formOfLine(line, date));
  });
  return found.some((each) => each !== undefined) ? found : tableForms(lines);
}

/** Returns the form of a line from a log, a tool or kubectl. A line without a user can still name an object. */
function formOfLine(line: string, date: string | undefined): Form | undefined {
  const error = errorForm(line) ?? errorWithinQuotes(line);
  const falco = falcoProcessForm(line, date) ?? falcoRequestForm(line, date);
  return falco ?? timedForm(line, error, date) ?? fieldsForm(line, date) ?? eventRowForm(line);
}

function timedForm(line: string, found: Form | undefined, date: string | undefined): Form | undefined {
  const fields = fieldsOf(line);
  return found && writtenAt(found, writtenTime(line, date, fields.get('time') ?? fields.get('written')));
}

/** Adds a time from anywhere in the text, if the line that the form was read from states none. */
function roughlyTimed(found: Form | undefined, text: string): Form | undefined {
  if (found === undefined || found.subjects.length === 0 || found.subjects.some(isTimed)) return found;
  const time = roughTimeIn(text);
  const subjects = found.subjects.map((each) => ({ ...each, circumstances: { ...each.circumstances, ...time } }));
  return { ...found, subjects };
}

/** Returns the form of a text with a uid and its username, in either order, as tables and messages have them. */
function pairForm(text: string): Form | undefined {
  if (text.length > 4_096) return undefined;
  const words = text.split(/[\s,;]+/).map((word) => tidied(wordOf(word)));
  const [one = '', other = '', ...more] = words.filter((word) => word !== '');
  if (more.length > 0 || other === '') return undefined;
  const [first, second] = [readUid(one), readUid(other)];
  if ((first === undefined) === (second === undefined)) return undefined;
  const read = first ?? second;
  const username = first === undefined ? one : other;
  const subject = subjectOfUser({ uid: read?.uid, username }, {});
  return form('uid-and-username', [subject], read?.notes);
}

/** Matches the ARN of a role session. The other words of the text can describe a request. */
const SESSION_ARN = /arn:aws[a-z-]{0,20}:sts::\d{12}:assumed-role\/[^\s"'`,;|]{1,512}/gi;

/**
 * If a text has only one session, adds the request that its other words describe: `arn:… deleted pod web-0 at 09:14
 * from 203.0.113.7`. The words can also be cells with `|` between them. Returns any other forms unchanged. The answer
 * to such a text names no single caller.
 */
function withWords(forms: readonly (Form | undefined)[], text: string): readonly (Form | undefined)[] {
  const [only, ...others] = oncePerRequest(forms);
  const [subject] = only?.subjects ?? [];
  if (only === undefined || others.length > 0 || subject?.by !== 'session') return forms;
  const { circumstances, notes } = looseWords(text.replaceAll(SESSION_ARN, ' ').replaceAll('|', ' ')) ?? {};
  const { verb, subresource, resource, name } = circumstances?.request ?? {};
  if (circumstances === undefined || (verb ?? subresource) === undefined || (resource ?? name) === undefined)
    return forms;
  const { names = [], ...stated } = circumstances;
  const left =
    names.length === 0 ? [] : [`The text states the session, so these names were not compared: ${names.join(', ')}.`];
  return [
    { ...only, subjects: [{ ...subject, circumstances: stated }], notes: [...only.notes, ...(notes ?? []), ...left] },
  ];
}

/** Matches source IPs among the words of a text. */
const ADDRESSES =
  /(?<![\w.:/-])(?:(?:\d{1,3}\.){3}\d{1,3}|(?=[0-9a-f]{0,4}:.{0,40}:)[0-9a-f:.]{3,45})(?![\w:/-]|\.\w)/gi;
/** The maximum number of source IPs that are read beside email addresses. */
const MOST_ADDRESSES = 5;

/** Adds the source IPs of a text that otherwise has only email addresses. In a mail these can belong to people who work on the incident. */
function withAddresses(forms: readonly (Form | undefined)[], text: string): readonly (Form | undefined)[] {
  const found = forms.filter((each) => each !== undefined);
  if (found.length === 0 || found.some(({ kind }) => kind !== 'email')) return forms;
  const ips = new Set((text.match(ADDRESSES) ?? []).filter(isAddress));
  const ofIps = [...ips]
    .slice(0, MOST_ADDRESSES)
    .map((ip) => form('source-ip', [{ by: 'request', circumstances: { sourceIps: [ip] } }]));
  return [...forms, ...ofIps];
}

/** Adds the forms, each once. A repeated line names nobody new. */
function collectForms(forms: readonly (Form | undefined)[], to: FormCollector): void {
  for (const each of oncePerRequest(forms)) to.add(each);
}
