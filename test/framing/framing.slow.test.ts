import { describe, expect, it } from 'vitest';
import { worldNumbers } from '../builders/chance.ts';
import { type Answers, answersTo } from './answers.ts';
import { type Flaw, flawsOf, judged, warns } from './judge.ts';
import { framingWorld } from './world.ts';

/** To see one world: `framingWorld(seed)` has its records and events, `answersTo` the product's answers. */
const NUMBERS = worldNumbers(2_000);
const WORLDS = NUMBERS.length;
const SLICES = 8;
/** Limits the kinds of flaws that a failure shows. */
const SHOWN = 6;

/** Results over all slices of worlds. */
const counts = new Map<string, number>();
const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
const counted = (what: string) => counts.get(what) ?? 0;

/** Returns one flaw of each kind, and how many there are. */
async function flawsOfSlice(slice: number): Promise<readonly string[]> {
  const flaws: Flaw[] = [];
  for (let at = slice; at < WORLDS; at += SLICES) {
    const world = framingWorld(NUMBERS[at] ?? at);
    for (const answers of await answersTo(world)) {
      countAnswers(answers);
      flaws.push(...flawsOf(world, answers));
    }
  }
  const kinds = Map.groupBy(flaws, ({ kind }) => kind);
  return [...kinds.values()].map((alike) => `${alike.length} times: ${alike[0]?.text}`);
}

function countAnswers({ deed, final }: Answers): void {
  count(`move: ${deed.move}`);
  if (final === undefined || deed.truth === undefined) return;
  const judgement = judged(final, deed.truth);
  count(judgement);
  if (judgement === 'wrong' && warns(final)) count('wrong, with a warning');
  if (!deed.provable) return;
  count('provable');
  if (judgement === 'right') count('provable and right');
}

describe('in worlds whose truth is known', () => {
  for (let slice = 0; slice < SLICES; slice += 1) {
    it(`nobody is named without a warning for what somebody else did, and no final answer changes (slice ${slice})`, async () => {
      const flaws = await flawsOfSlice(slice);
      if (flaws.length > 0) expect.fail(flaws.slice(0, SHOWN).join('\n\n'));
    });
  }

  it('every move is made many times, and some of them mislead with a warning', () => {
    const moves = [...counts].filter(([what]) => what.startsWith('move: '));
    expect(moves.length).toBe(41);
    expect(moves.filter(([, times]) => times < WORLDS / 100)).toEqual([]);
    expect(counted('wrong, with a warning')).toBeGreaterThan(WORLDS / 40);
  });

  it('whoever can be proven is named, without exception', () => {
    expect(counted('provable')).toBeGreaterThan(WORLDS * 1.25);
    expect(counted('provable and right')).toBe(counted('provable'));
    expect(counted('right')).toBeGreaterThan(WORLDS * 2);
  });
});
