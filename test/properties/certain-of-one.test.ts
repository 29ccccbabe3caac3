import { describe, expect, it } from 'vitest';
import { type Actor, sameActor } from '../../lib/attribution/actor.ts';
import { actionOfCaller, attribute } from '../../lib/attribution/attribute.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { AuditEvent } from '../../lib/audit/audit-event.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { WhoisQuestion } from '../../lib/usecases/query/whois-question.ts';
import { whoisSession } from '../../lib/usecases/query/whois-session.ts';
import { certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import { knownFrom } from '../builders/answer.ts';
import { worldNumbers } from '../builders/chance.ts';
import { settingsOf } from '../evidence/settings.ts';
import type { World } from '../oracle/types.ts';
import { generateWorld } from '../oracle/world.ts';

/** One way to ask about a request, and the answer. */
interface RequestAnswer {
  readonly how: string;
  readonly certain: string;
  readonly actors: readonly Actor[];
}

/** Returns the answers about a request: by its record, by everything that it states, and by its access key alone. */
async function askedAbout(
  { caller, impersonated, at }: AuditEvent,
  known: Evidence,
): Promise<readonly RequestAnswer[]> {
  const { accessKeyId, uid, username, sessionName, arn, kind, accountId } = caller;
  const { index, settings } = known;
  const moment = at ?? 'unreadable';
  const record = attribute(
    { ...actionOfCaller(caller, moment), impersonated },
    { index, settings, settled: true },
  ).attribution;
  const hasKey = accessKeyId !== undefined;
  const isAskable = accountId !== undefined && kind !== 'malformed' && at !== undefined && impersonated === undefined;
  const questions: readonly [how: string, question: WhoisQuestion][] = [
    ['by all that it states', { uid, username, accessKeyId, sessionName, arn }],
    ['by the access key alone', { accessKeyId }],
  ];
  const answers = [answerTo('as a record', record, hasKey)];
  for (const [how, question] of hasKey && isAskable ? questions : []) {
    const source = { answer: async () => [] };
    const { attribution } = await whoisSession({ question, moment, known: index, source, settings, settled: true });
    answers.push(answerTo(how, attribution, hasKey));
  }
  return answers;
}

interface Evidence {
  readonly index: KnownGrants;
  readonly settings: AttributionSettings;
}

function knownOf({ cloudtrail, usernameTemplates, trustedProxies, identityStores }: World): Evidence {
  const settings = settingsOf({ templates: usernameTemplates, proxies: trustedProxies, stores: identityStores });
  return { index: knownFrom(cloudtrail), settings };
}

function answerTo(how: string, attribution: Attribution, hasKey: boolean): RequestAnswer {
  const certain = isAboutSomebody(attribution)
    ? certainty(attribution, { isOfEvent: true, hasKey, hasTime: true })
    : '';
  const { actor } = attribution;
  return { how, certain, actors: actor === undefined ? [] : [actor] };
}

function eventsOf({ audit }: World): readonly AuditEvent[] {
  return audit.flatMap((value) => {
    const event = isJsonObject(value) ? parseAuditEvent(value) : 'no object';
    return typeof event === 'string' ? [] : [event];
  });
}

const NUMBERS = worldNumbers(400, 4_000);

/** The answers that say "certain", of each event of the world. */
async function certainAnswers(world: World): Promise<readonly (readonly RequestAnswer[])[]> {
  const known = knownOf(world);
  const answers = await Promise.all(eventsOf(world).map((event) => askedAbout(event, known)));
  return answers.map((each) => each.filter(({ certain }) => certain.startsWith('Certain')));
}

/** Returns the first answer and another one that is certain of somebody else. */
function contradictionIn(answers: readonly RequestAnswer[]): readonly RequestAnswer[] {
  const [first, ...others] = answers;
  const isOfAnother = ({ actors: [actor] }: RequestAnswer) =>
    first?.actors[0] !== undefined && actor !== undefined && areTwoPeople(first.actors[0], actor);
  const other = others.find(isOfAnother);
  return first === undefined || other === undefined ? [] : [first, other];
}

/**
 * Returns whether the actors are known to be two people. Identity Center's SAML grants state a name and its sessions a user ID:
 * if no record has both, one person can be known by either.
 */
function areTwoPeople(one: Actor, other: Actor): boolean {
  const inDirectory = ({ kind, provider }: Actor) =>
    kind === 'identity-center-user' && provider?.includes(':identitystore:') === true;
  const isComparable = one.kind !== other.kind || inDirectory(one) === inDirectory(other);
  return isComparable && !sameActor(one, other);
}

describe('two questions about one request', () => {
  it('are never both answered "certain" with two people', async () => {
    let compared = 0;
    for (const number of NUMBERS) {
      for (const answers of await certainAnswers(generateWorld(number))) {
        compared += answers.length > 1 ? 1 : 0;
        expect(contradictionIn(answers), `world ${number}`).toEqual([]);
      }
    }
    expect(compared).toBeGreaterThan(NUMBERS.length / 4);
  });
});
