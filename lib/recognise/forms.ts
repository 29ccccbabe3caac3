import { isAccessKeyId } from '../identity/access-key.ts';
import { parseUid, UID_PREFIXES } from '../identity/uid.ts';
import { parseInstant } from '../time.ts';
import { arnForm } from './arns.ts';
import { subjectOfKey, subjectOfPrincipal, subjectOfUid, subjectOfUsername } from './callers.ts';
import { type Form, form } from './gathering.ts';
import type { Circumstances, Subject } from './subject.ts';

/** An ARN of a role has 2,048 characters at most, and no username of a cluster is longer than some hundred. */
const LONGEST = 2_048;

const CASE_NOTE = 'Corrected the letter case.';

/**
 * What a word without blanks is by its form alone, wherever it stands: an id, a key, an ARN, a uid, an e-mail. Undefined
 * for what only a person who gives it by itself can mean (`ambiguousForm`).
 */
export function distinctForm(word: string, told: Circumstances = {}): Form | undefined {
  if (word.length > LONGEST) return undefined;
  return (
    idForm(word, told) ?? uidForm(word, told) ?? arnForm(word, told) ?? uuidForm(word, told) ?? emailForm(word, told)
  );
}

const ID = /^(?:AROA|AIDA)[A-Z0-9]{6,124}$/;
const PRINCIPAL = /^AROA[A-Z0-9]{4,124}:[\w+=,.@-]{2,64}$/;
/** In lower case a name can look like an id: real ids have so many characters, and the name is tried too. */
const ID_ANY_CASE = /^(?:AROA|AIDA)[A-Z0-9]{12,30}$/i;
const KEY_ANY_CASE = /^(?:AKIA|ASIA)[A-Z0-9]{12,16}$/i;
const PRINCIPAL_ANY_CASE = /^(AROA[A-Z0-9]{12,30}):([\w+=,.@-]{2,64})$/i;
const FEDERATED = /^\d{12}:[\w+=,.@-]{2,64}$/;

function idForm(word: string, told: Circumstances): Form | undefined {
  if (isAccessKeyId(word)) return form('access-key-id', [subjectOfKey(word, told)]);
  if (ID.test(word)) return formOfId(word, told);
  if (PRINCIPAL.test(word)) return form('session-principal', [subjectOfPrincipal(word, {}, told)]);
  if (FEDERATED.test(word) && uidForm(word, told) === undefined)
    return form('federated-principal', [subjectOfPrincipal(word, {}, told)]);
  return idOfAnyCase(word, told);
}

function idOfAnyCase(word: string, told: Circumstances): Form | undefined {
  const upper = word.toUpperCase();
  const name: Subject = { by: 'person', person: word, told };
  if (KEY_ANY_CASE.test(word)) return form('access-key-id', [subjectOfKey(upper, told), name], [CASE_NOTE]);
  if (ID_ANY_CASE.test(word)) {
    const { kind, subjects } = formOfId(upper, told);
    return form(kind, [...subjects, name], [CASE_NOTE]);
  }
  const [, id, session] = PRINCIPAL_ANY_CASE.exec(word) ?? [];
  if (id === undefined || session === undefined) return undefined;
  return form('session-principal', [subjectOfPrincipal(`${id.toUpperCase()}:${session}`, {}, told)], [CASE_NOTE]);
}

function formOfId(id: string, told: Circumstances): Form {
  if (id.startsWith('AROA')) return form('role-id', [{ by: 'role', role: id, told }]);
  return form('user-id', [{ by: 'person', person: id, told }]);
}

const PREFIX = new RegExp(`^(?:${UID_PREFIXES.join('|')})`, 'i');
const WITHOUT_PREFIX = /^(?:\d{12}:(?:AROA|AIDA)[A-Z0-9]{4,124}(?::[\w+=,.@-]{2,64})?|(\d{12}):\1)$/i;

/** A uid as it should be, and what was wrong with it; undefined where the word is none. */
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

function uidForm(word: string, told: Circumstances): Form | undefined {
  const read = readUid(word);
  if (read === undefined) return undefined;
  const session = /^(?:AROA[A-Z0-9]+):[^:]+$/.exec(read.uid.replace(PREFIX, '').replace(/^\d{12}:/, ''))?.[0];
  const subject = session === undefined ? subjectOfUid(read.uid, told) : subjectOfPrincipal(session, {}, told);
  return parseUid(read.uid) === undefined || subject === undefined ? undefined : form('uid', [subject], read.notes);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function isUuid(word: string): boolean {
  return UUID.test(word);
}

/** Both are written alike: an audit id is looked for first, since the tables know it at once. */
function uuidForm(word: string, told: Circumstances): Form | undefined {
  if (!isUuid(word)) return undefined;
  const lower = word.toLowerCase();
  const notes = lower === word ? [] : [CASE_NOTE];
  return form(
    'uuid',
    [
      { by: 'audit-id', auditId: lower, told },
      { by: 'event-id', eventId: lower, told },
    ],
    notes,
  );
}

const EMAIL = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252})\.[\p{L}\p{N}-]{2,63}$/u;

function emailForm(word: string, told: Circumstances): Form | undefined {
  const email = word.replace(/^mailto:/i, '');
  if (!EMAIL.test(email)) return undefined;
  return form('email', [
    { by: 'person', person: email, told },
    { by: 'username', username: email, told },
  ]);
}

/** Prefixes with which API servers write users of an OIDC provider are anything with `:` or `#` (`--oidc-username-prefix`). */
const USERNAME = /^(?![:#])[^\s"'`<>{}[\]\\]{0,1023}[:#][^\s"'`<>{}[\]\\]{1,1023}$/;
/** An address of the web; of users of an OIDC provider it ends in `#` and the user. */
const PAGE = /^https?:\/\/[^#]*$/i;
const NAME = /^(?=.*\p{L})[\p{L}\p{N}_+=,.@-]{1,256}$/u;

/** What a word is that stands alone: a username of a cluster, or any name. */
export function ambiguousForm(word: string, told: Circumstances = {}): Form | undefined {
  if (word.length > LONGEST) return undefined;
  if (parseInstant(word) !== undefined || PAGE.test(word)) return undefined;
  if (USERNAME.test(word)) return form('username', [subjectOfUsername(word, told)]);
  if (!NAME.test(word)) return undefined;
  return form('name', [
    { by: 'person', person: word, told },
    { by: 'role', role: word, told },
    { by: 'username', username: word, told },
  ]);
}
