import { expect, it } from 'vitest';
import { overHttp } from '../../cli/access/service-access.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';
import { whoisRequest } from '../../lib/usecases/query/parameters.ts';

const NOW = epochMillis(Date.UTC(2026, 2, 10));

/** Returns the question as the API reads it from the command's request. */
async function readByApi(request: Parameters<ReturnType<typeof overHttp>['whois']>[0]) {
  const queries: string[] = [];
  await overHttp(async (_, query) => queries.push(String(query))).whois(request);
  return queries.map((query) => whoisRequest(query, NOW));
}

it('a caller whose username is longer than the API takes is asked for by the other marks of the event', async () => {
  const given = { accessKeyId: 'ASIAEXAMPLE123456789', username: 'x'.repeat(3_000) };
  const [read] = await readByApi(given);
  expect(JSON.stringify(read)).toContain('ASIAEXAMPLE123456789');
  expect(JSON.stringify(read)).not.toContain('xxx');
});

it('is refused by the name that is too long, where the event has no other mark', async () => {
  await expect(readByApi({ username: 'x'.repeat(3_000) })).rejects.toMatchObject({ parameter: 'username' });
});

it('a look-back of any fraction of an hour is one that the API takes', async () => {
  const [read] = await readByApi({ accessKeyId: 'ASIAEXAMPLE123456789', lookback: HOUR / 3 });
  expect(read).toMatchObject({ lookback: 1_199_998.8 }); // of a millionth of an hour, 1.2 ms less
});
