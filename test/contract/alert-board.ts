import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { HeldAlert } from '../../lib/claims/alert-digest.ts';
import type { AlertGroup } from '../../lib/claims/alert-group.ts';
import { goesAtOnce, noteDigest, noteMessage } from '../../lib/claims/alert-ledger.ts';
import type { AlertBoard } from '../../lib/ports/alerts.ts';
import { type EpochMillis, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { NOW } from './now.ts';

const later = (millis: number): EpochMillis => epochMillis(NOW + millis);
const RULES = { window: 15 * MINUTE, digest: sha256 };
/** The group of a notice that waits. */
export const GROUP: AlertGroup = {
  kind: 'alert',
  causes: ['unattributed'],
  reasons: ['no-matching-grant'],
  cluster: 'prod-1',
  senders: ['444455556666'],
};

/** A notice that waits, due at once. */
export function held(claimId: string, at: EpochMillis, group = GROUP): HeldAlert {
  return {
    group,
    at,
    due: at,
    claimId,
    caller: { kind: 'role-session', sessionName: 'näme\n' },
    clusters: ['prod-1'],
    first: '2026-03-10T12:10:00Z',
    count: 2,
    namespaces: [],
    actors: [],
    query: 'eks-whois records',
  };
}

/** Defines the tests that every board of alerts must pass. */
export function alertBoardContract(start: () => Promise<AlertBoard>): void {
  describe('alerts that are held', () => {
    it('are listed unchanged, the first due first, until they are released', async () => {
      const board = await start();
      expect(await board.nextDue()).toBeUndefined();
      const alerts = [held('late', later(HOUR)), held('one', NOW), held('two', later(1.5))];
      for (const each of alerts) await board.hold(each);
      expect(await board.nextDue()).toBe(NOW);
      const { held: found, faulty } = await board.held(2);
      expect([found, faulty]).toEqual([[alerts[1], alerts[2]], []]);
      await board.release(found);
      expect((await board.held(10)).held).toEqual([alerts[0]]);
      expect(await board.nextDue()).toBe(later(HOUR));
    });

    it('are separate for each group, and stay the same if they are held again', async () => {
      const board = await start();
      const resolved = held('one', NOW, { ...GROUP, kind: 'resolved' });
      for (const each of [held('one', NOW), resolved, held('one', NOW)]) await board.hold(each);
      expect((await board.held(10)).held).toHaveLength(2);
      await board.release([resolved]);
      expect((await board.held(10)).held).toEqual([held('one', NOW)]);
    });

    it('are all listed, however long they are', async () => {
      const board = await start();
      const alerts = Array.from({ length: 5 }, (_, at) => {
        return { ...held(`claim ${at}`, later(at)), query: 'q'.repeat(300_000) };
      });
      for (const each of alerts) await board.hold(each);
      expect((await board.held(10)).held).toEqual(alerts);
    });

    it('can be released by the hundred', async () => {
      const board = await start();
      for (let at = 0; at < 60; at += 1) await board.hold(held(`claim ${at}`, later(at)));
      await board.release((await board.held(1_000)).held);
      expect(await board.held(1_000)).toEqual({ held: [], faulty: [] });
    });
  });

  describe('the ledger of alerts', () => {
    it('is empty at first, and concurrent changes are applied one after the other', async () => {
      const board = await start();
      expect(await board.ledger()).toEqual({ notices: [] });
      const groups = ['a', 'b', 'c', 'd'].map((principal) => ({ ...GROUP, principal }));
      const note = (group: AlertGroup) =>
        board.note((ledger) => noteMessage(ledger, { group, claimId: 'claim' }, RULES, NOW));
      await Promise.all(groups.map(note));
      await board.note((ledger) => noteDigest(ledger, [GROUP], RULES, later(1)));
      const { notices, digestAt } = await board.ledger();
      expect(new Set(notices.map(({ group }) => group))).toHaveProperty('size', 5);
      expect(digestAt).toBe(later(1));
    });

    it('stays the same if a change has none', async () => {
      const board = await start();
      expect(await board.note(() => undefined)).toBe(false);
      expect(await board.ledger()).toEqual({ notices: [] });
    });

    it('lets one of several workers send the first alert of a group', async () => {
      const board = await start();
      const first = (claimId: string) =>
        board.note((ledger) =>
          goesAtOnce(ledger, { group: GROUP, claimId }, RULES, NOW)
            ? noteMessage(ledger, { group: GROUP, claimId }, RULES, NOW)
            : undefined,
        );
      const sent = await Promise.all(['a', 'b', 'c', 'd'].map(first));
      expect(sent.filter(Boolean)).toHaveLength(1);
    });
  });
}
