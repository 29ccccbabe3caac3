import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { DAY, MINUTE } from '../../lib/time.ts';
import { listNotes, newNote, takeNote } from '../../lib/usecases/notes/notes.ts';
import { notesRequest } from '../../lib/usecases/query/parameters.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { type SessionRow, withNotes } from '../../lib/usecases/query/sessions-query.ts';
import { utc } from '../builders/company.ts';
import { MemoryNotes } from '../stand-ins/memory/memory-notes.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { SetClock } from './service.ts';

function world() {
  const clock = new SetClock(utc('12:31:00'));
  let drawn = 0;
  const chance = () => {
    drawn += 1;
    return String(drawn);
  };
  return { clock, service: { notes: new MemoryNotes(calmWorld(clock.now)), clock: clock.now, digest: sha256, chance } };
}

const ALICE = { id: 'sub-of-alice', name: 'alice@example.com' };
const body = (fields: object) => JSON.stringify({ about: 'claim:one', kind: 'note', text: 'seen', ...fields });

describe('a note', () => {
  it('is stored with its author and time, and listed by its subject and by time', async () => {
    const { clock, service } = world();
    const taken = await takeNote(newNote(body({ kind: 'reviewed', text: ' asked her ' })), ALICE, service);
    expect(taken).toMatchObject({ about: 'claim:one', kind: 'reviewed', text: 'asked her', who: ALICE });
    expect(taken.when).toBe('2026-03-10T12:31:00Z');
    clock.pass(MINUTE);
    await takeNote(newNote(body({ about: 'audit:x' })), ALICE, service);
    expect((await listNotes(notesRequest('about=claim:one', clock.at), service)).notes).toEqual([taken]);
    const lately = await listNotes(notesRequest('since=2026-03-10T00:00:00Z&limit=1', clock.at), service);
    expect(lately.notes).toMatchObject([{ about: 'audit:x' }]);
    const rest = await listNotes(
      notesRequest(`since=2026-03-10T00:00:00Z&cursor=${encodeURIComponent(lately.cursor ?? '')}`, clock.at),
      service,
    );
    expect(rest).toEqual({ notes: [taken] });
  });

  it('contains what was visible when it was marked, and nothing else about it', async () => {
    const { clock, service } = world();
    const seen = { count: 3, last: '2026-03-10T12:30:00.000001Z' };
    const taken = await takeNote(newNote(body({ kind: 'reviewed', seen })), ALICE, service);
    expect(taken.seen).toEqual(seen);
    expect((await listNotes(notesRequest('about=claim:one', clock.at), service)).notes).toEqual([taken]);
    expect(newNote(body({ kind: 'reviewed', seen: {} })).seen).toEqual({});
    for (const wrong of [3, null, [], { count: -1 }, { count: 1.5 }, { last: 5 }, { last: 'yesterday' }, { by: 'me' }])
      expect(() => newNote(body({ kind: 'reviewed', seen: wrong })), JSON.stringify(wrong)).toThrow(QuestionError);
    expect(() => newNote(body({ kind: 'note', seen }))).toThrow('Give it only with kind reviewed.');
  });

  it('is in the row of its claim, whatever its time and however many others there are', async () => {
    const { clock, service } = world();
    await takeNote(newNote(body({ kind: 'reviewed', text: '' })), ALICE, service);
    clock.pass(400 * DAY);
    for (let each = 0; each < 60; each += 1) await takeNote(newNote(body({ about: 'claim:other' })), ALICE, service);
    const row = (id: string): SessionRow => ({
      id,
      status: 'unattributed',
      caller: { kind: 'role-session' },
      reasons: [],
      why: [],
      clusters: [],
      namespaces: [],
      open: false,
      openedAt: utc('12:31:00'),
    });
    const rows = await withNotes([row('one'), row('none'), row('other')], service.notes);
    expect(rows.map(({ id, notes = [] }) => [id, notes.length])).toEqual([
      ['one', 1],
      ['none', 0],
      ['other', 50],
    ]);
    expect(rows[0]?.notes).toMatchObject([{ about: 'claim:one', kind: 'reviewed', who: ALICE }]);
  });

  it('stays beside a contradicting one, and beside an equal one', async () => {
    const { clock, service } = world();
    for (const kind of ['reviewed', 'reopened', 'reviewed'])
      await takeNote(newNote(body({ kind, text: '' })), ALICE, service);
    const { notes } = await listNotes(notesRequest('about=claim:one', clock.at), service);
    expect(new Set(notes.map(({ id }) => id)).size).toBe(3);
  });

  it('is the same note if it is sent again later; with other words, another author or no token it is another one', async () => {
    const { clock, service } = world();
    const sent = (fields: object, who = ALICE) =>
      takeNote(newNote(body({ clientToken: 'once', ...fields })), who, service);
    const first = await sent({});
    clock.pass(MINUTE);
    expect(await sent({})).toEqual(first);
    const others = [
      await sent({ text: 'something else' }),
      await sent({}, { id: 'sub-of-bob', name: 'bob@example.com' }),
      await sent({ clientToken: 'twice' }),
      await sent({ clientToken: undefined }),
      await sent({ clientToken: undefined }),
    ];
    const { notes } = await listNotes(notesRequest('about=claim:one', clock.at), service);
    expect(new Set([first, ...others].map(({ id }) => id))).toEqual(new Set(notes.map(({ id }) => id)));
    expect(notes).toHaveLength(6);
  });

  it('contains no author or time that its author could choose', () => {
    for (const field of ['who', 'when', 'id']) expect(refusal(() => newNote(body({ [field]: 'mallory' })))).toBe(field);
    expect(newNote(body({}))).toEqual({ about: 'claim:one', kind: 'note', text: 'seen' });
  });

  it('is refused with the name of the wrong field', () => {
    const refused: readonly (readonly [string, string])[] = [
      ['', 'body'],
      ['[]', 'body'],
      ['{"about":', 'body'],
      [body({ about: 'one' }), 'about'],
      [body({ about: 'claim:' }), 'about'],
      [body({ about: `audit:${'x'.repeat(1_024)}` }), 'about'],
      [body({ about: 7 }), 'about'],
      [body({ kind: 'deleted' }), 'kind'],
      [body({ text: 'x'.repeat(2_001) }), 'text'],
      [body({ text: ' ' }), 'text'],
      [body({ clientToken: '' }), 'clientToken'],
      [body({ clientToken: 'a b' }), 'clientToken'],
      [body({ clientToken: 'x'.repeat(65) }), 'clientToken'],
      [body({ clientToken: 7 }), 'clientToken'],
      [body({ text: ['x'] }), 'text'],
      ['{"__proto__":{"about":"claim:one"},"kind":"note","text":"x"}', '__proto__'],
    ];
    for (const [given, parameter] of refused)
      expect([given, refusal(() => newNote(given))]).toEqual([given, parameter]);
    expect(newNote(body({ text: 'x'.repeat(2_000) })).text).toHaveLength(2_000);
  });
});

describe('notes', () => {
  it('are requested by one subject, or by a time within the last year', () => {
    const now = new SetClock(utc('12:31:00')).at;
    const of = (query: string) => refusal(() => notesRequest(query, now));
    expect(of('')).toBe('about');
    expect(of('about=one')).toBe('about');
    expect(of('about=claim:one&since=2026-03-10')).toBe('since');
    expect(of(`since=${new Date(now - 367 * DAY).toISOString()}`)).toBe('since');
    expect(of('since=lately')).toBe('since');
    expect(of('about=claim:one&limit=1001')).toBe('limit');
    expect(of('who=alice')).toBe('who');
  });
});

function refusal(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof QuestionError) return error.parameter;
    throw error;
  }
}
