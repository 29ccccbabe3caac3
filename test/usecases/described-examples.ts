import type { JsonObject } from '../../lib/json.ts';
import { type AnythingAnswer, isUndecided } from '../../lib/usecases/query/anything/outcomes.ts';
import {
  ALERTS,
  ARN,
  AROUND,
  BOBS,
  type Deed,
  errorLineOf,
  findingOf,
  findingWithout,
  lineOf,
  nodeAt,
  ofOtherCluster,
  STRANGERS,
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
  const asked = { ...REQUEST, key: first?.other === 'source IP' ? STRANGERS : (first?.deed.key ?? BOBS) };
  const around = log === 'nothing of that day' ? nodeAt('09:10:00') : AROUND;
  return { text: textOf(text, asked, first?.other === 'cluster'), world: world(deeds, undefined, around) };
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

function textOf(name: string, asked: Deed, isOfOtherCluster: boolean): string {
  const finding = (value: JsonObject) => JSON.stringify(isOfOtherCluster ? ofOtherCluster(value) : value);
  const texts: Readonly<Record<string, () => string>> = {
    'a finding': () => finding(findingOf(asked)),
    'a finding without its source IP': () => finding(findingWithout(asked, 'sourceIps')),
    'a finding without its verb': () => finding(findingWithout(asked, 'verb')),
    'a finding without its path and object': () =>
      finding(findingWithout(asked, 'requestUri', 'resource', 'namespace')),
    'an error line': () => errorLineOf(asked),
    'a line with the audit id': () => `user="${ARN}" auditID=deed-0`,
    "a line with bob's key": () => lineOf(asked, `accessKeyId=${BOBS}`),
    "the session's ARN": () => ARN,
    "the request's path": () => `GET ${uriOf(asked)}`,
    'an alert of Falco': () => JSON.stringify(ALERTS.falco(asked)),
    'an alert of Elastic': () => JSON.stringify(ALERTS.elastic(asked)),
    'an event of Datadog': () => JSON.stringify(ALERTS.datadog(asked)),
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
