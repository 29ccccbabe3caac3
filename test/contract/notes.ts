import { describe, expect, it } from 'vitest';
import type { Note } from '../../lib/claims/note.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { NotePage, Notes } from '../../lib/ports/notes.ts';
import { type Page, PositionError } from '../../lib/ports/paging.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import { NOW } from './now.ts';
import { LongClock } from './over.ts';

const ABOUT = 'claim:one';

function note(id: string, days: number, about = ABOUT): Note {
  const when = epochMillis(NOW - days * DAY);
  return { id, about, kind: 'note', text: `text of ${id}`, who: { id: 'alice', name: 'a@example.com' }, when };
}

/** Defines the tests that every store of notes must pass. */
export function notesContract(open: (clock?: Clock) => Promise<Notes>): void {
  const idsOf = async (read: (page: Page) => Promise<NotePage>, limit: number): Promise<string[]> => {
    const ids: string[] = [];
    let position: string | undefined;
    do {
      const page = await read({ limit, position });
      expect(page.notes.length).toBeLessThanOrEqual(limit);
      ids.push(...page.notes.map(({ id }) => id));
      position = page.position;
    } while (position !== undefined);
    return ids;
  };

  describe('notes', () => {
    it('are returned unchanged, the newest first', async () => {
      const notes = await open();
      const own: Note[] = [
        note('b', 2),
        {
          ...note('a', 3),
          kind: 'reviewed',
          text: '',
          who: { id: 'arn:aws:iam::1:user/x' },
          seen: { count: 3, last: '2026-03-10T08:00:00.000001Z' },
        },
      ];
      for (const each of own) await notes.add(each);
      await notes.add(note('other', 1, 'audit:one'));
      expect(await notes.about(ABOUT, { limit: 10 })).toEqual({ notes: own });
      expect(await notes.about('claim:another', { limit: 10 })).toEqual({ notes: [] });
    });

    it('that are added again under their ID stay unchanged, even if the first attempt was interrupted', async () => {
      const notes = await open();
      const first = note('a', 2);
      expect(await notes.add(first)).toEqual(first);
      expect(await notes.add({ ...first, when: NOW })).toEqual(first);
      expect(await notes.about(ABOUT, { limit: 10 })).toEqual({ notes: [first] });
      expect(await notes.between(epochMillis(NOW - 9 * DAY), NOW, { limit: 10 })).toEqual({ notes: [first] });
    });

    it('are returned page by page, even if several have the same time', async () => {
      const notes = await open();
      const written = ['a', 'b', 'c', 'd', 'e'].map((id) => note(id, id === 'e' ? 0 : 40));
      for (const each of written) await notes.add(each);
      for (const limit of [1, 2, 4, 5, 10]) {
        expect(await idsOf((page) => notes.about(ABOUT, page), limit)).toEqual(['e', 'd', 'c', 'b', 'a']);
        expect(await idsOf((page) => notes.between(epochMillis(NOW - 50 * DAY), NOW, page), limit)).toEqual([
          ...['e', 'd', 'c', 'b', 'a'],
        ]);
      }
    });

    it('are found by the time at which they were written, over months and about anything', async () => {
      const notes = await open();
      for (const days of [0, 1, 9, 10, 20, 41, 100, 300]) await notes.add(note(`${days}`, days, `audit:${days}`));
      const since = (days: number, until = NOW) =>
        idsOf((page) => notes.between(epochMillis(NOW - days * DAY), until, page), 3);
      expect(await since(0)).toEqual(['0']);
      expect(await since(10)).toEqual(['0', '1', '9', '10']);
      expect(await since(299)).toEqual(['0', '1', '9', '10', '20', '41', '100']);
      expect(await since(366, epochMillis(NOW - 10 * DAY))).toEqual(['10', '20', '41', '100', '300']);
    });

    it('may be about any text', async () => {
      const notes = await open();
      for (const about of ['session:AROA:ü \u{1f600}', `audit:${'日'.repeat(1_000)}`]) {
        await notes.add(note(`about ${about.length}`, 1, about));
        expect((await notes.about(about, { limit: 1 })).notes).toMatchObject([{ about }]);
      }
    });

    it('never expire', async () => {
      const clock = new LongClock();
      const notes = await open(clock.now);
      await notes.add(note('x', 0));
      clock.passAll();
      expect((await notes.about(ABOUT, { limit: 1 })).notes).toHaveLength(1);
    });

    it('refuse a position at which no page ended', async () => {
      const notes = await open();
      await expect(notes.about(ABOUT, { limit: 1, position: 'mine' })).rejects.toThrow(PositionError);
      await expect(notes.between(NOW, NOW, { limit: 1, position: 'mine' })).rejects.toThrow(PositionError);
    });
  });
}
