import { isActorId } from '../attribution/actor-id.ts';
import { isAccessKeyId } from '../identity/access-key.ts';
import { isInstanceId } from '../identity/session-name.ts';
import { parseUid, UID_PREFIXES } from '../identity/uid.ts';
import { parseInstant } from '../time.ts';
import { arnForm } from './arns.ts';
import { subjectOfKey, subjectOfPrincipal, subjectOfUid, subjectOfUsername } from './callers.ts';
import { type Form, form } from './form-collector.ts';
import type { Circumstances, Subject } from './subject.ts';

/** The maximum number of characters of a word. A role ARN has at most 2,048, and usernames of clusters a few hundred. */
const LONGEST = 2_048;

const CASE_NOTE = 'Corrected the letter case.';

/**
 * Returns the form of a word that is clear wherever the word occurs: an ID, an access key, an ARN, a uid, an email
 * address. Undefined for a word whose meaning is clear only if it is the whole text (`ambiguousForm`).
 */
export function distinctForm(word: string, circumstances: Circumstances = {}): Form | undefined {
  if (word.length > LONGEST) return undefined;
  return (
    actorIdForm(word, circumstances) ??
    idForm(word, circumstances) ??
    uidForm(word, circumstances) ??
    arnForm(word, circumstances) ??
    uuidForm(word, circumstances) ??
    emailForm(word, circumstances)
  );
}

/** Returns the form of an actor ID: `iam-user/111122223333/AIDA…`. */
function actorIdForm(word: string, circumstances: Circumstances): Form | undefined {
  return isActorId(word) ? form('actor-id', [{ by: 'person', person: word, circumstances }]) : undefined;
}

const ID = /^(?:AROA|AIDA)[A-Z0-9]{6,124}$/;
const PRINCIPAL = /^AROA[A-Z0-9]{4,124}:[\w+=,.@-]{2,64}$/;
/**
 * Matches IDs in any letter case, because people change it. In lower case a name can look like an ID, so only the
 * lengths of real IDs match, and the name is tried too.
 */
const ID_ANY_CASE = /^(?:AROA|AIDA)[A-Z0-9]{12,30}$/i;
const KEY_ANY_CASE = /^(?:AKIA|ASIA)[A-Z0-9]{12,16}$/i;
const PRINCIPAL_ANY_CASE = /^(AROA[A-Z0-9]{12,30}):([\w+=,.@-]{2,64})$/i;
const FEDERATED = /^\d{12}:[\w+=,.@-]{2,64}$/;

function idForm(word: string, circumstances: Circumstances): Form | undefined {
  if (isAccessKeyId(word)) return form('access-key-id', [subjectOfKey(word, circumstances)]);
  if (ID.test(word)) return formOfId(word, circumstances);
  if (PRINCIPAL.test(word)) return form('session-principal', [subjectOfPrincipal(word, {}, circumstances)]);
  if (FEDERATED.test(word) && uidForm(word, circumstances) === undefined)
    return form('federated-principal', [subjectOfPrincipal(word, {}, circumstances)]);
  return idOfAnyCase(word, circumstances);
}

function idOfAnyCase(word: string, circumstances: Circumstances): Form | undefined {
  const upper = word.toUpperCase();
  const name: Subject = { by: 'person', person: word, circumstances };
  if (KEY_ANY_CASE.test(word)) return form('access-key-id', [subjectOfKey(upper, circumstances), name], [CASE_NOTE]);
  if (ID_ANY_CASE.test(word)) {
    const { kind, subjects } = formOfId(upper, circumstances);
    return form(kind, [...subjects, name], [CASE_NOTE]);
  }
  const [, id, session] = PRINCIPAL_ANY_CASE.exec(word) ?? [];
  if (id === undefined || session === undefined) return undefined;
  return form(
    'session-principal',
    [subjectOfPrincipal(`${id.toUpperCase()}:${session}`, {}, circumstances)],
    [CASE_NOTE],
  );
}

function formOfId(id: string, circumstances: Circumstances): Form {
  if (id.startsWith('AROA')) return form('role-id', [{ by: 'role', role: id, circumstances }]);
  return form('user-id', [{ by: 'person', person: id, circumstances }]);
}

const PREFIX = new RegExp(`^(?:${UID_PREFIXES.join('|')})`, 'i');
const WITHOUT_PREFIX = /^(?:\d{12}:(?:AROA|AIDA)[A-Z0-9]{4,124}(?::[\w+=,.@-]{2,64})?|(\d{12}):\1)$/i;

/** Returns the uid with common errors corrected, and notes about the errors. Undefined if the word is not a uid. */
export function readUid(word: string): { readonly uid: string; readonly notes: readonly string[] } | undefined {
  const prefix = PREFIX.exec(word)?.[0];
  if (prefix === undefined && !WITHOUT_PREFIX.test(word)) return undefined;
  const rest = prefix === undefined ? word : word.slice(prefix.length);
  const upper = rest.replace(
    /^(\d{12}:)((?:AROA|AIDA)[A-Z0-9]+)(?=$|:)/i,
    (_, account: string, id: string) => account + id.toUpperCase(),
  );
  const uid = `${prefix?.toLowerCase() ?? UID_PREFIXES[0]}${upper}`;
  const isOtherCase = upper !== rest || (prefix !== undefined && prefix !== prefix.toLowerCase());
  return {
    uid,
    notes: [
      ...(prefix === undefined ? [`Added the missing prefix of the uid: ${UID_PREFIXES[0]}`] : []),
      ...(isOtherCase ? [CASE_NOTE] : []),
    ],
  };
}

function uidForm(word: string, circumstances: Circumstances): Form | undefined {
  const read = readUid(word);
  if (read === undefined) return undefined;
  const session = /^(?:AROA[A-Z0-9]+):[^:]+$/.exec(read.uid.replace(PREFIX, '').replace(/^\d{12}:/, ''))?.[0];
  const subject =
    session === undefined ? subjectOfUid(read.uid, circumstances) : subjectOfPrincipal(session, {}, circumstances);
  return parseUid(read.uid) === undefined || subject === undefined ? undefined : form('uid', [subject], read.notes);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function isUuid(word: string): boolean {
  return UUID.test(word);
}

/** Returns the two meanings of a UUID: audit ID and event ID. The audit ID comes first, because the tables find it at once. */
function uuidForm(word: string, circumstances: Circumstances): Form | undefined {
  if (!isUuid(word)) return undefined;
  const lower = word.toLowerCase();
  const notes = lower === word ? [] : [CASE_NOTE];
  return form(
    'uuid',
    [
      { by: 'audit-id', auditId: lower, circumstances },
      { by: 'event-id', eventId: lower, circumstances },
    ],
    notes,
  );
}

const EMAIL = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252})\.[\p{L}\p{N}-]{2,63}$/u;

function emailForm(word: string, circumstances: Circumstances): Form | undefined {
  const email = word.replace(/^mailto:/i, '');
  if (!EMAIL.test(email)) return undefined;
  return form('email', [
    { by: 'person', person: email, circumstances },
    { by: 'username', username: email, circumstances },
  ]);
}

/**
 * Matches usernames with a prefix. For users of an OIDC provider, an API server can add any prefix that ends in `:` or
 * `#` (`--oidc-username-prefix`).
 */
const USERNAME = /^(?![:#])[^\s"'`<>{}[\]\\]{0,1023}[:#][^\s"'`<>{}[\]\\]{1,1023}$/;
/** Matches URLs that are not usernames. A username of an OIDC provider can be a URL too, but has a `#` and the user at its end. */
const PAGE = /^https?:\/\/[^#]*$/i;
const NAME = /^(?=.*\p{L})[\p{L}\p{N}_+=,.@-]{1,256}$/u;

/** Returns what a word can mean if it is the whole text: a username of a cluster, or any other name. */
export function ambiguousForm(word: string, circumstances: Circumstances = {}): Form | undefined {
  if (word.length > LONGEST) return undefined;
  if (parseInstant(word) !== undefined || PAGE.test(word)) return undefined;
  if (USERNAME.test(word)) return form('username', [subjectOfUsername(word, circumstances)]);
  if (!NAME.test(word)) return undefined;
  const readings: readonly Subject[] = [
    { by: 'person', person: word, circumstances },
    { by: 'role', role: word, circumstances },
    { by: 'username', username: word, circumstances },
  ];
  // The sessions of an instance have its ID as their session name. The reading as a username finds them, so it is first.
  if (isInstanceId(word)) return form('name', readings.toReversed());
  return form('name', readings, CUT_ID.test(word) ? [cutNote(word)] : []);
}

/** Matches a word that begins like an ID of AWS but is too short for one. It can still be a name. */
const CUT_ID = /^(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{1,11}$/;

function cutNote(word: string): string {
  const what = /^A[KS]IA/.test(word) ? 'an access key ID' : word.startsWith('AROA') ? 'a role ID' : 'a user ID';
  return `${word} looks like a part of ${what}, which has 20 characters or more. If that is so, give the whole ID.`;
}
