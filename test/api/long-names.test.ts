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

it('a caller whose username is too long for the API is looked up by the other fields of the event', async () => {
  const given = { accessKeyId: 'ASIAEXAMPLE123456789', username: 'x'.repeat(3_000) };
  const [read] = await readByApi(given);
  expect(JSON.stringify(read)).toContain('ASIAEXAMPLE123456789');
  expect(JSON.stringify(read)).not.toContain('xxx');
});

it('a question is refused, naming the username, if that is too long and the event has no other field', async () => {
  await expect(readByApi({ username: 'x'.repeat(3_000) })).rejects.toMatchObject({ parameter: 'username' });
});

it('the API accepts a look-back of any fraction of an hour', async () => {
  const [read] = await readByApi({ accessKeyId: 'ASIAEXAMPLE123456789', lookback: HOUR / 3 });
  expect(read).toMatchObject({ lookback: 1_199_998.8 }); // of a millionth of an hour, 1.2 ms less
});
