import { useEffect } from 'preact/hooks';
import { filedName } from '../../../lib/attribution/actor-names.ts';
import { epochMillis } from '../../../lib/time.ts';
import { newInRange } from '../../../lib/usecases/query/known-row.ts';
import type { AuditRecord, KnownAnswer, RecordsAnswer, SessionsAnswer } from '../core/answers.ts';
import { learnAll, NAMES, useKnownQuery } from '../core/known.ts';
import { href } from '../core/place.ts';
import { useQuery } from '../core/query.ts';
import { serviceNow, takeNewest } from '../core/range.ts';
import { Problem } from '../parts/blocks.tsx';
import { RequestRows } from '../parts/request-rows.tsx';
import { Search } from '../parts/search.tsx';
import { Copy, Text } from '../parts/text.tsx';
import { Newcomers } from '../parts/who-name.tsx';

const NOTHING_KNOWN: KnownAnswer = { known: [] };

/** The start page: the search, the latest requests and the new actors. */
export function Home() {
  const names = useKnownQuery(NAMES);
  const latest = useQuery<RecordsAnswer>('/records', [
    ['from', '1970-01-01T00:00:00Z'],
    ['noSystem', 'true'],
    ['limit', '100'],
  ]);
  const unnamed = useQuery<SessionsAnswer>('/sessions', [
    ['status', 'unattributed'],
    ['limit', '100'],
  ]);
  const { known, more } = names.answer ?? NOTHING_KNOWN;
  useEffect(() => {
    if (names.answer === undefined) return;
    learnAll(names.answer);
    if (names.answer.newest !== undefined) takeNewest(names.answer.newest);
  }, [names.answer]);
  const records = latest.answer?.records ?? [];
  const problem = latest.problem ?? names.problem;
  const isEmpty = latest.answer !== undefined && records.length === 0 && latest.answer.cursor === undefined;
  return (
    <section class="home">
      <div class="home-ask">
        <h1>Which person did this to our cluster?</h1>
        <Search large />
        <Examples of={records} />
      </div>
      {problem !== undefined && (
        <Problem of={problem} again={latest.problem === undefined ? names.again : latest.again} />
      )}
      {isEmpty && <Empty />}
      {records.length > 0 && (
        <div class="home-new">
          <section class="home-latest">
            <h2>
              Latest requests by people and programs <a href={href('timeline')}>Open timeline</a>
            </h2>
            <RequestRows of={records} most={8} caption="Latest requests" />
          </section>
          <NewActors of={known.filter(({ kind }) => kind === 'actor')} isComplete={!more?.includes('actor')} />
          <UnnamedSessions of={unnamed.answer} />
        </div>
      )}
    </section>
  );
}

/** Examples of searches, from the latest requests. */
function Examples({ of: records }: { readonly of: readonly AuditRecord[] }) {
  const deleted = records.find(({ request }) => request?.verb === 'delete' && request.name !== undefined);
  const unsure = records.find(({ attribution: { status } }) => status === 'ambiguous' || status === 'unattributed');
  const person = records.find(({ attribution: { actor, flags } }) => actor?.kind === 'iam-user' && flags.length > 0);
  const name = person?.attribution.actor && filedName(person.attribution.actor);
  const key = records.find(({ caller }) => caller.accessKeyId !== undefined)?.caller.accessKeyId;
  const examples: readonly (readonly [what: string, q: string | undefined, as?: string])[] = [
    ['object', deleted?.request?.name, 'object'],
    ['person', name],
    ['access key', key],
    ['audit ID', unsure?.auditId],
  ];
  if (examples.every(([, q]) => q === undefined)) return null;
  return (
    <p class="examples">
      <span>Try</span>
      {examples.map(
        ([what, q, as]) =>
          q !== undefined && (
            <a class="example" href={href('who', { q, as })}>
              <span class="example-what">{what}</span> <Text of={q} />
            </a>
          ),
      )}
    </p>
  );
}

const MOST_NEW = 6;

function NewActors({ of, isComplete }: { readonly of: KnownAnswer['known']; readonly isComplete: boolean }) {
  const fresh = newInRange(of, { to: epochMillis(serviceNow.value) });
  const byName = new Map(fresh.map((each) => [each.arn ?? each.name, each]));
  const newest = [...byName.values()].slice(0, MOST_NEW);
  if (newest.length === 0) return null;
  return (
    <section class="card">
      <h2>New actors</h2>
      <Newcomers of={newest} />
      {!isComplete && <p class="aside">Based on the first 1,000 names.</p>}
    </section>
  );
}

function UnnamedSessions({ of }: { readonly of: SessionsAnswer | undefined }) {
  if (of === undefined) return null;
  const count = of.sessions.length;
  return (
    <section class={count > 0 ? 'card unnamed' : 'card'}>
      <h2>Unidentified sessions</h2>
      <p class="big-number">
        {count}
        {of.cursor !== undefined && '+'}
      </p>
      <p>
        {count === 0 && 'There are no unidentified sessions.'}
        {count > 0 && <a href={href('todo')}>Review {count === 1 ? 'it' : 'them'} in the to-do list</a>}
      </p>
    </section>
  );
}

/** Instructions for a service that has no records yet. */
function Empty() {
  return (
    <section class="card home-empty">
      <h2>No requests by people or programs yet</h2>
      <ol>
        <li>
          Records come from the clusters' audit logs. To check the setup, run <Copy of="eks-whois doctor" />
        </li>
        <li>
          To load logs that are already in CloudWatch Logs or in files, see <Copy of="eks-whois backfill --help" />
        </li>
        <li>To look up a session of the last 90 days in CloudTrail, paste it above. That works without records.</li>
      </ol>
    </section>
  );
}
