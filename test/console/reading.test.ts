import { afterEach, expect, it, vi } from 'vitest';

// What the page's modules take from the browser when they are loaded.
vi.hoisted(() => {
  Object.assign(globalThis, {
    location: { hash: '' },
    addEventListener: () => {},
    document: { querySelector: () => null },
  });
});

import { Reading } from '../../console/page/views/timeline/reading.ts';

const NOW = Date.UTC(2026, 2, 10, 12);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function recordAt(time: string, auditId: string) {
  return {
    auditId,
    time,
    stage: 'ResponseComplete',
    cluster: 'prod',
    request: { verb: 'get', uri: '/x' },
    caller: { kind: 'role-session', username: 'u' },
    attribution: { status: 'unattributed', reason: 'no-matching-grant', provisional: false, flags: [] },
  };
}

it.each([[[]], [['2099-01-01T00:00:00.000Z']]])(
  'a timeline that moves with time shows what arrives, also beside records of the future: %j',
  async (forged) => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    const stored = [recordAt('2026-03-10T11:50:00.000Z', 'before'), ...forged.map((time) => recordAt(time, 'forged'))];
    vi.stubGlobal('fetch', async (url: string | URL) => {
      const from = new URL(url, 'http://localhost').searchParams.get('from') ?? '';
      const records = stored.filter(({ time }) => time >= from).sort((a, b) => (a.time < b.time ? 1 : -1));
      return Response.json({ records, examined: records.length });
    });
    const range = { from: NOW - 86_400_000, to: NOW, last: '24h' };
    const reading = new Reading({ filters: [], range }, new AbortController().signal);
    await reading.begin(undefined);
    stored.push(recordAt('2026-03-10T12:01:00.000Z', 'later'));
    expect(await reading.catchUp()).toBe(1);
    expect(reading.rows.all.map(({ record }) => record.auditId)).toContain('later');
  },
);
