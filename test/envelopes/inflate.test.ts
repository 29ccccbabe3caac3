import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflatePayload, LARGEST_PAYLOAD } from '../../lib/adapters/files/inflate.ts';

describe('the payload of a subscription', () => {
  it.each([0, 1, 16_383, 16_384, 16_385, 3_000_000])('inflates to its %i bytes', (length) => {
    const text = 'é'.repeat(length).slice(0, length);
    const inflated = inflatePayload(gzipSync(text).toString('base64'));
    expect(inflated).toMatchObject({ ok: true, text });
    expect(inflated.ok && Buffer.from(text).equals(inflated.bytes)).toBe(true);
  });

  it('inflates up to its limit, and no byte further', () => {
    const bytes = Buffer.alloc(LARGEST_PAYLOAD + 1, 'x');
    const inflated = inflatePayload(gzipSync(bytes.subarray(1)).toString('base64'));
    expect(inflated.ok && inflated.text.length).toBe(LARGEST_PAYLOAD);
    expect(inflatePayload(gzipSync(bytes).toString('base64'))).toEqual({ ok: false, reason: 'inflates-too-far' });
  });

  it.each([0, 7, 2 ** 32 - 1])('is unreadable if it states a length of %i bytes and has another', (length) => {
    const deflated = gzipSync('x'.repeat(100_000));
    deflated.writeUInt32LE(length, deflated.length - 4);
    expect(inflatePayload(deflated.toString('base64'))).toEqual({ ok: false, reason: 'awslogs-data-unreadable' });
  });

  it.each(['', 'H4sI', 'H4sIAAAAAAAAAw=='])('is unreadable if it is cut: %j', (data) => {
    expect(inflatePayload(data)).toEqual({ ok: false, reason: 'awslogs-data-unreadable' });
  });
});
