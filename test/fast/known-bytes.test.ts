import { expect, it } from 'vitest';
import { KnownBytes } from '../../lib/fast/known-bytes.ts';

it('what bytes mean is remembered by what they were, though their memory is used again', () => {
  const memory = Buffer.alloc(16);
  const made: string[] = [];
  const known = new KnownBytes(4, (text) => {
    made.push(text);
    return text;
  });
  const of = (text: string) => known.of(memory, 3, 3 + memory.write(text, 3));
  const texts = ['alice', 'carol', 'ali', 'alice', 'carol', 'ali'];
  expect(texts.map(of)).toEqual(texts);
  expect(made).toEqual(['alice', 'carol', 'ali']);
});

it('those that lead to one place are told apart', () => {
  const known = new KnownBytes(4, (text) => text);
  const texts = Array.from({ length: 200 }, (_, number) => `name ${number % 7}${'x'.repeat(number % 90)}`);
  for (const text of [...texts, ...texts]) expect(known.of(Buffer.from(text), 0, text.length)).toBe(text);
});
