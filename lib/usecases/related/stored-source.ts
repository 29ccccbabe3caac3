import type { Moment } from '../../attribution/moment.ts';
import { sourceOfPages } from '../activity/request-source.ts';
import { queryRecords } from '../query/records-query.ts';
import type { QueryService } from '../query/records-request.ts';
import { MOST_OF_ONE_ID, tooManyOfOneId } from '../query/whois.ts';
import { isOfEvent, type RelatedSource } from './related-source.ts';

const ANY: Moment = 'any';
const PAGE = 500;
/** Records of one audit ID that are looked through for those of the time that is asked about. */
const MOST_OF_TIME = 20_000;

/** The service's tables: records by the questions that `/records` takes, created objects and tokens from the sessions table. */
export function storedSource(service: QueryService): RelatedSource {
  const { sessions, records, budget } = service;
  const isUsedUp = () => budget?.isUsedUp === true;
  return {
    ...sourceOfPages((request) => queryRecords(request, service), { limit: PAGE, isUsedUp }),
    async ofAuditId(auditId, range) {
      const reading = records.read({ by: 'audit-id', auditId }, range, undefined);
      let page = await reading.next(MOST_OF_ONE_ID);
      if (page.inOrder === false && range.from === undefined) throw tooManyOfOneId('give the time, at.');
      for (let read = page.examined ?? 0; page.records.length === 0 && page.position !== undefined; ) {
        if (read >= MOST_OF_TIME || isUsedUp()) throw tooManyOfOneId('ask /records for its session and that time.');
        page = await reading.next(MOST_OF_ONE_ID);
        read += page.examined ?? 0;
      }
      return { records: page.records.map(({ record }) => record), isWhole: page.position === undefined };
    },
    async stagesOf(event) {
      const { cluster = '', namespace, at } = event;
      const page = await records.query({ by: 'namespace', cluster, namespace }, { from: at, to: at }, { limit: PAGE });
      return page.records.map(({ record }) => record).filter((record) => isOfEvent(record, event));
    },
    async created(uid) {
      const facts = await sessions.answer([{ kind: 'object-created', uid }], ANY);
      return facts.flatMap(({ created }) => created ?? []);
    },
    async issued(credentialId) {
      const facts = await sessions.answer([{ kind: 'tokens-issued', credentialId }], ANY);
      return facts.flatMap(({ token }) => token ?? []);
    },
  };
}
