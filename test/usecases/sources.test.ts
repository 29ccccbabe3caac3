import { expect, it } from 'vitest';
import { sourcesOf, sourcesText } from '../../lib/usecases/activity/sources.ts';
import { storedRecord } from '../contract/stored-record.ts';

const from = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => storedRecord({ auditID: `from-${at}`, sourceIPs: [`203.0.113.${at}`] }).record,
  );

it('source IPs beyond those that are listed are counted', () => {
  const { sources = [], sourcesLeft } = sourcesOf(from(25));
  expect([sources.length, sourcesLeft]).toEqual([20, 5]);
  expect(sourcesText({ sources, sourcesLeft })).toMatch(
    /^from more than 20 source IPs: .*, 5 more from other source IPs$/,
  );
  expect(sourcesOf(from(20))).not.toHaveProperty('sourcesLeft');
});
