import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { HOUR, MINUTE } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { KEY, ROLE_ID, utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { grant } from '../builders/trail-records.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

const KEEP = 20 * HOUR;
const COUNT = 110;
const NAME = 'quinn-session-42';
const numbers = Array.from({ length: COUNT }, (_, at) => at);
/** The longest session name. */
const nameOf = (at: number) => 'visitor-with-a-long-name-'.repeat(3).slice(0, 60) + String(at).padStart(4, '0');

/** Sessions that all state one access key, which no grant lists, and usernames that bear one session's name. */
const USERS = [
  ...numbers.map((at) => roleUser({ session: nameOf(at), key: KEY })),
  ...numbers.map((at) => bareRoleUser(`${nameOf(at)}:${NAME}`)),
];

const quinn = (at: string, until: string) =>
  grant({
    id: `quinn-${at}`,
    session: NAME,
    key: `ASIAQUINN000000${at.replaceAll(':', '')}`,
    at: utc(at),
    until: utc(until),
  });

/** Returns a service in which each session acts twice: again when almost half of the time for which the first record is kept is over. */
async function twoDays() {
  const clock = new SetClock(utc('12:00:00'));
  const stores = memoryStores({
    clock: clock.now,
    beforeWrite: () => undefined,
    keep: { records: KEEP, sessions: 3 * KEEP },
  });
  const running = new Service(stores, clock, { withoutLookups: true });
  await running.grants([quinn('11:55:00', '13:00:00'), quinn('20:55:00', '22:00:00')]);
  const act = (name: string) =>
    running.ingest(
      USERS.map((user, at): JsonObject => {
        const requestReceivedTimestamp = new Date(clock.at - at * 7).toISOString();
        return eventBy(user, { auditID: `${name}-${at}`, requestReceivedTimestamp });
      }),
      name,
    );
  await act('first');
  await running.settleFor(2);
  clock.pass(0.45 * KEEP);
  await act('second');
  clock.pass(35 * MINUTE);
  await running.settleFor(3);
  return { clock, stores, running };
}

describe('the records of a session, or of an access key, page by page', () => {
  it.each([
    ['session', `${ROLE_ID}:${NAME}`],
    ['key', KEY],
  ] as const)('are one sequence at any page size, even if waits end in between: by %s', async (name, value) => {
    const question = asking({ [name]: value });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 9, max: 90 }), fc.nat(6), async (limit, moved) => {
        const { clock, stores, running } = await twoDays();
        clock.pass(0.51 * KEEP);
        const all = await queryRecords({ question, limit: 1_000 }, stores);
        const seen: string[] = [];
        const lengths: number[] = [];
        let cursor: string | undefined;
        for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
          const answer = await queryRecords({ question, limit, cursor }, stores);
          seen.push(...answer.records.map(({ auditId }) => auditId));
          cursor = answer.cursor;
          lengths.push(cursor?.length ?? 0);
          await running.grants([
            grant({ id: `of-${page}`, session: nameOf(page * moved), key: `ASIAOTHER0000000${page + 1000}` }),
          ]);
          if (page === 0) clock.pass(0.05 * KEEP);
          await running.settle();
          clock.pass(MINUTE);
        }
        const left = all.records.map(({ auditId }) => auditId).filter((id) => id.startsWith('second'));
        expect(left.length).toBe(COUNT);
        expect(seen.filter((id) => id.startsWith('second'))).toEqual(left);
        expect(Math.max(...lengths)).toBeLessThan(500);
      }),
      { numRuns: cases(2) },
    );
  });
});
