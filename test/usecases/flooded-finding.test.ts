import { expect, it } from 'vitest';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import type { AnythingAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { RecordsInMemory } from '../../lib/usecases/query/records-in-memory.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { AROUND, BOB_ALONE, BOBS, eventOf, findingOf, SECRETS, timeOf } from './pasted-texts.ts';
import { CLUSTER, namedIn } from './pasted-world.ts';
import { instant } from './service.ts';

const siteOf = (accountId: string) => ({
  accountId,
  clusterArn: `arn:aws:eks:eu-west-1:${accountId}:cluster/${CLUSTER}`,
});
const DEED = { ...SECRETS, key: BOBS };

/** Returns the answer to the finding by a service with these records of the cluster, and so many that another account forged in its own. */
async function answer(forged: number, deeds: readonly (typeof DEED)[]): Promise<AnythingAnswer> {
  const now = instant(timeOf(3_600_000));
  const records = new RecordsInMemory({ now, holdersOf: () => [] });
  const add = (event: Parameters<typeof storedRecord>[0], accountId: string) =>
    records.add(storedRecord(event, BOB_ALONE, CLUSTER, siteOf(accountId)).record, undefined);
  for (const event of [...AROUND, ...deeds.map(eventOf)]) add(event, ACCOUNT);
  const [model] = [storedRecord(eventOf(DEED, 0), BOB_ALONE, CLUSTER, siteOf(OTHER_ACCOUNT)).record];
  for (let at = 0; at < forged; at += 1) records.add({ ...model, auditId: auditIdOf(`forged-${at}`) }, undefined);
  const sources = serviceSources({
    clock: () => now,
    records: (request) => records.records(request),
    known: ({ kind, prefix, limit }) => records.known(kind, prefix, { limit }),
    whois: () => Promise.resolve(undefined as never),
  });
  const recognized = asRequests(recognize(JSON.stringify(findingOf(DEED))));
  if (recognized.outcome !== 'subjects') throw new Error('nothing recognized');
  return answerAnything(recognized, new Informant(sources));
}

it.each([0, 2_001])(
  'a finding is answered by the log of its own cluster, whatever %i records another account forges',
  async (forged) => {
    const found = await answer(forged, [DEED]);
    expect(found.found[0]?.outcome).toMatchObject({ inLog: { result: 'one-caller', requests: 1 } });
    expect(namedIn(found)).toEqual(['bob']);
  },
);
