import { expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { Answer } from '../../lib/attribution/answer.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import type { Facts } from '../../lib/attribution/facts.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { Moment } from '../../lib/attribution/moment.ts';
import type { Question } from '../../lib/attribution/questions.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { claimOf } from '../../lib/claims/identity.ts';
import type { GrantSource, SessionStore } from '../../lib/ports/sessions.ts';
import { HOUR } from '../../lib/time.ts';
import { askAndAttribute } from '../../lib/usecases/deciding/ask.ts';
import { DeduplicatingSource, STORE_REACH } from '../../lib/usecases/deciding/deduplicating-source.ts';
import type { DeliveredEvent } from '../../lib/usecases/ingest/batch.ts';
import { answersBy, decideClaim } from '../../lib/usecases/ingest/decided-events.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, SetClock } from '../usecases/service.ts';
import { worldBatch } from './world-batch.ts';

/** A delivery that processes a shared fact once stores the same as if it processed the fact for each event. */

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1);

it('the events of one caller get the answers that each would get by itself, whatever their times', () => {
  let shared = 0;
  for (const seed of SEEDS) {
    const { batch, facts, settings } = worldBatch(seed);
    const index = new KnownGrants();
    for (const fact of facts) index.add(fact);
    const together = answersBy(facts, batch.events, settings);
    const alone = batch.events.map(({ event, site }) =>
      attribute(actionOf(event, site), { index, settings, settled: false }),
    );
    expect(JSON.stringify(together), `world ${seed}`).toBe(JSON.stringify(alone));
    shared += together.length - new Set(together).size;
  }
  expect(shared).toBeGreaterThan(300);
});

it('with the remembered answers of a key, ingest gives the same answers as with the table', async () => {
  for (const seed of SEEDS) {
    const { batch, facts, settings } = worldBatch(seed);
    const { sessions } = memoryStores(calmWorld(NOW));
    await sessions.add(facts);
    const claims = Map.groupBy(batch.events, ({ event }) => claimOf(event.caller, sha256)?.id ?? '');
    for (const [claimId, events] of claims) {
      const [quick, plain] = [new NearbyGrants(sessions), new NearbyGrants(sessions)];
      const memory = new KeyMemory();
      const deciding = { sessions: quick, settings, memory, now: NOW(), touchedAt: undefined };
      const together = await decideClaim(claimId, events, deciding);
      const oneByOne = await answersForEach(events, plain, settings);
      expect(JSON.stringify(together), `world ${seed}, claim ${claimId}`).toBe(JSON.stringify(oneByOne));
      expect(quick.questions, `world ${seed}, claim ${claimId}`).toEqual(plain.questions);
    }
  }
});

const NOW = new SetClock('2026-03-10T12:00:00Z').now;
/** The time that the sessions table covers (`STORE_REACH`, and the longest session before). */
const [BEFORE, AFTER] = [60 * HOUR, 12 * HOUR];

/** Answers with the grants around the moment, as the sessions table does, and notes what it was asked. */
class NearbyGrants implements GrantSource {
  readonly questions: (readonly [Question, Moment])[] = [];
  readonly #sessions: SessionStore;

  constructor(sessions: SessionStore) {
    this.#sessions = sessions;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    for (const question of questions) this.questions.push([question, moment]);
    const found = await this.#sessions.answer(questions, moment);
    if (typeof moment !== 'number') return found;
    return found.filter(
      ({ grant }) => !grant || Math.abs(grant.issuedAt - moment + (BEFORE - AFTER) / 2) <= (BEFORE + AFTER) / 2,
    );
  }
}

async function answersForEach(events: readonly DeliveredEvent[], from: GrantSource, settings: AttributionSettings) {
  const source = new DeduplicatingSource(from, STORE_REACH);
  const known = new KnownGrants();
  const answers: Answer[] = [];
  for (const { event, site } of events) {
    const action = actionOf(event, site);
    answers.push(await askAndAttribute(action, { source, known, settings, settled: false }));
  }
  return answers;
}
