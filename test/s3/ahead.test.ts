import { expect, test } from 'vitest';
import { prefetch } from '../../lib/adapters/s3/listing.ts';

async function* numbers(most: number, pulled: number[] = []): AsyncGenerator<number> {
  for (let at = 0; at < most; at += 1) {
    pulled.push(at);
    yield at;
  }
}

test('the first item still comes first if it takes longest, and no more are begun than fit', async () => {
  let [under, most] = [0, 0];
  const ends: (() => void)[] = [];
  const work = async (entry: number) => {
    under += 1;
    most = Math.max(most, under);
    if (entry % 3 === 0) await new Promise<void>((end) => ends.push(end));
    under -= 1;
    return entry;
  };
  const taken: number[] = [];
  const all = (async () => {
    for await (const one of prefetch(numbers(20), 4, work)) taken.push(one);
  })();
  while (taken.length < 20) {
    await new Promise(setImmediate);
    for (const end of ends.splice(0).reverse()) end();
  }
  await all;
  expect(taken).toEqual(Array.from({ length: 20 }, (_, at) => at));
  expect(most).toBeLessThanOrEqual(4);
});

test('nothing is read further ahead while nobody takes the results', async () => {
  const pulled: number[] = [];
  const reading = prefetch(numbers(1_000, pulled), 4, async (entry) => entry);
  await reading.next();
  await new Promise(setImmediate);
  expect(pulled).toHaveLength(4);
  await reading.return(undefined);
  expect(pulled).toHaveLength(4);
});

test('a failure comes in its turn, after the items before it', async () => {
  const taken: number[] = [];
  const reading = async () => {
    const work = async (entry: number) => {
      if (entry === 2) throw new Error('the third');
      return entry;
    };
    for await (const one of prefetch(numbers(9), 4, work)) taken.push(one);
  };
  await expect(reading()).rejects.toThrow('the third');
  expect(taken).toEqual([0, 1]);
});
