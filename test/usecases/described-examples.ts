import type { JsonObject } from '../../lib/json.ts';
import { type AnythingAnswer, isUndecided, statusesOf } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import {
  ALERTS,
  ARN,
  AROUND,
  BOB_ALONE,
  BOBS,
  type Deed,
  errorLineOf,
  FORMS,
  findingOf,
  findingWithout,
  lineOf,
  nodeAt,
  ofOtherCluster,
  SESSION,
  STRANGERS,
  timeOf,
  uriOf,
  world,
} from './pasted-texts.ts';
import type { PastedWorld } from './pasted-world.ts';
import { EXEC, type Exec, PROCESS_ALERTS, worldOf } from './started-process.ts';

const REQUEST: Deed = { key: BOBS, after: 0, namespace: 'shop', code: 403 };
const MADE = /^(?:the request|the same|another (response code|source IP|time|cluster)), by (bob|the stranger)$/;

/** A row of example 12a of the contract: what is pasted, and what the audit log has. */
export interface DescribedExample {
  readonly text: string;
  readonly world: PastedWorld;
}

const RAN = /^an exec (just before|3 s before|just after|of another command), by (bob|the stranger)$/;

/** Reads a row about a process that started in a pod. Undefined for any other row. */
function processExample(text: string, log: string): DescribedExample | undefined {
  const [, when, by] = RAN.exec(log) ?? [];
  if (text !== 'an alert about a process' || by === undefined) return undefined;
  const after = { '3 s before': -2_700, 'just after': 500 }[when ?? ''] ?? 0;
  const command = when === 'of another command' ? 'id' : EXEC.command;
  const exec: Exec = { ...EXEC, key: by === 'bob' ? BOBS : STRANGERS, after, command };
  return { text: PROCESS_ALERTS.falco({ ...EXEC, after: 300 }), world: worldOf([exec]) };
}

/** Reads a row of the example. @throws RangeError if it has words that are not known here. */
export function describedExample(text: string, log: string): DescribedExample {
  const ofProcess = processExample(text, log);
  if (ofProcess !== undefined) return ofProcess;
  const made = log.startsWith('nothing') ? [] : log.split('; ').map(madeOf);
  const [first] = made;
  const deeds = made.map(({ deed }) => deed);
  const described = { ...REQUEST, key: first?.other === 'source IP' ? STRANGERS : (first?.deed.key ?? BOBS) };
  const around = log === 'nothing of that day' ? nodeAt('09:10:00') : AROUND;
  return { text: textOf(text, described, first?.other === 'cluster'), world: world(deeds, undefined, around) };
}

function madeOf(text: string): { readonly deed: Deed; readonly other: string | undefined } {
  const [, other, by] = MADE.exec(text) ?? [];
  if (by === undefined) throw new RangeError(`Example 12a: what is ${text}?`);
  const deed: Deed = {
    ...REQUEST,
    key: by === 'bob' ? BOBS : STRANGERS,
    ...(other === 'response code' && { code: 200 }),
    ...(other === 'time' && { after: 60_000 }),
  };
  return { deed, other };
}

function textOf(name: string, described: Deed, isOfOtherCluster: boolean): string {
  const finding = (value: JsonObject) => JSON.stringify(isOfOtherCluster ? ofOtherCluster(value) : value);
  const texts: Readonly<Record<string, () => string>> = {
    'a finding': () => finding(findingOf(described)),
    'a finding without its source IP': () => finding(findingWithout(described, 'sourceIps')),
    'a finding without its verb': () => finding(findingWithout(described, 'verb')),
    'a finding without its path and object': () =>
      finding(findingWithout(described, 'requestUri', 'resource', 'namespace')),
    'an error line': () => errorLineOf(described),
    'an error line with its time': () => `${timeOf(described.after)} ${errorLineOf(described)}`,
    'an error line in the log of a controller': () => `level=error msg=${JSON.stringify(errorLineOf(described))}`,
    'a line with the audit ID': () => `user="${ARN}" auditID=deed-0`,
    "a line with bob's key": () => lineOf(described, `accessKeyId=${BOBS}`),
    "the session's ARN": () => ARN,
    "the request's path": () => `GET ${uriOf(described)}`,
    'an alert of Falco': () => JSON.stringify(ALERTS.falco(described)),
    'an alert of Elastic': () => JSON.stringify(ALERTS.elastic(described)),
    'an alert as text': () => FORMS['alert as text']?.(described) ?? '',
    'an event of Datadog': () => JSON.stringify(ALERTS.datadog(described)),
  };
  const text = texts[name];
  if (text === undefined) throw new RangeError(`Example 12a: what is ${name}?`);
  return text();
}

/** Returns the answer in the words of the example: the result, and the actor or the status where one caller is answered. */
export function answerWords({ found }: AnythingAnswer): string {
  const [one] = found;
  if (one === undefined || found.length > 1) throw new Error(`${found.length} answers`);
  const { outcome } = one;
  const result = outcome.inLog === undefined ? [] : [outcome.inLog.result];
  if (outcome.kind === 'attributed') {
    const { actor, status } = outcome.attribution;
    return [...result, actor?.name ?? status].join(': ');
  }
  if (outcome.kind === 'not-known' || !isUndecided(outcome))
    throw new Error(`no such answer: ${JSON.stringify(outcome)}`);
  return result.join();
}

/** The address that example 12b pastes. */
export const ADDRESS = '192.0.2.77';

const NODE = 'system:node:ip-192-0-2-9';

const BY: Readonly<Record<string, JsonObject>> = {
  bob: roleUser({ session: SESSION, key: BOBS, username: ARN }),
  'bob in his other session': roleUser({ session: 'other', key: ANOTHER_KEY }),
  'bob without a key': roleUser({ session: SESSION, key: null, username: ARN }),
  'bob, who wrote the IP himself': roleUser({ session: SESSION, key: BOBS, username: ARN }),
  'the stranger': roleUser({ session: SESSION, key: STRANGERS, username: ARN }),
  'a node': { username: NODE, groups: ['system:nodes'] },
};

/** Reads what the log has in a row of example 12b: requests from the address, one after the other. */
export function addressExample(log: string): PastedWorld {
  const other = grant({ id: 'bob-2', by: iamUser('bob'), session: 'other', key: ANOTHER_KEY, at: utc('12:00:30') });
  const events = log.split('; ').map((each, at) => {
    const user = BY[each.replace(/^by /, '')];
    if (user === undefined) throw new RangeError(`Example 12b: what is ${each}?`);
    return eventBy(user, {
      auditID: `from-there-${at}`,
      sourceIPs: each.includes('wrote') ? [ADDRESS, '198.51.100.7'] : [ADDRESS],
      requestReceivedTimestamp: timeOf(at * 60_000),
    });
  });
  return { grants: [...BOB_ALONE, other], events: [...AROUND, ...events] };
}

/** Returns the answer about the address in the words of example 12b. */
export function addressWords(answer: AnythingAnswer): string {
  const [one] = answer.found;
  if (one === undefined || one.outcome.kind !== 'sessions') throw new Error(JSON.stringify(answer));
  const callers = /^Requests in the audit log: (.*?)\.(?: (?:It|Who|In) .*)?$/.exec(one.outcome.note ?? '')?.[1] ?? '';
  const groups = callers
    .replaceAll(`an unidentified caller with the access key ${STRANGERS} from ${ADDRESS}`, 'the stranger')
    .replaceAll(NODE, 'a node');
  return `${statusesOf(answer)[0] ?? 'attributed'}: ${groups}`;
}
