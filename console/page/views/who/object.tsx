import { clusterText } from '../../../../lib/identity/cluster.ts';
import type { AuditRecord, Namesakes } from '../../core/answers.ts';
import { href } from '../../core/place.ts';
import { useRecordPages } from '../../core/query.ts';
import { shorterBeginnings } from '../../core/question-text.ts';
import { questionOfCaller } from '../../core/todo.ts';
import { Problem } from '../../parts/blocks.tsx';
import { RequestRows } from '../../parts/request-rows.tsx';
import { Icon } from '../../parts/signs.tsx';
import { Name, Text } from '../../parts/text.tsx';
import { AnswerCard } from './answer.tsx';
import { describeRequest } from './answer-side.tsx';

interface ObjectProps {
  readonly name: string;
  /** Whether the user searched for an object, not for any name. */
  readonly isObjectSearch: boolean;
  /** Other things with the same name. */
  readonly also?: Namesakes | undefined;
}

/**
 * The objects with a name: who deleted them, and all requests for them. Also namespaces, clusters and callers with that
 * name.
 */
export function ObjectFound({ name, isObjectSearch, also = {} }: ObjectProps) {
  const pages = useRecordPages([
    ['object', `${name}*`],
    ['limit', '200'],
  ]);
  const { records, examined, hasMore, isKnown, problem, again } = pages;
  const isEmpty = isKnown && records.length === 0;
  if (problem !== undefined) return <Problem of={problem} again={again} />;
  const exact = records.filter(({ request }) => request?.name === name);
  const names = [...new Set(records.map(({ request }) => request?.name ?? ''))];
  const end = (exact.length === 0 && names.length === 1 ? records : exact).find(isEnd);
  return (
    <section class="found-object" aria-busy={pages.isBusy}>
      <header class="entity-head">
        <p class="about">
          <Icon of="object" /> {isEmpty ? 'No object with this name was found' : 'Object'}
          {!isEmpty && !isObjectSearch && ' (no person or role with this name was found)'}
        </p>
        <h1>
          <Text of={name} />
          {exact.length === 0 && records.length > 0 && '…'}
        </h1>
        <Places of={also} />
        <Callers of={also} />
        <OtherNames of={names} />
      </header>
      {end !== undefined && <End of={end} />}
      {records.length > 0 && (
        <>
          <h2>Requests for this object</h2>
          <RequestRows of={records} caption={`Requests for ${name}`} />
        </>
      )}
      {isEmpty && <NoObject name={name} />}
      <p class="aside">
        {isKnown ? `${examined.toLocaleString()} records scanned, newest first.` : 'Searching…'}{' '}
        {hasMore && (
          <button type="button" disabled={pages.isBusy} onClick={pages.more}>
            Search older records
          </button>
        )}
      </p>
    </section>
  );
}

/** Links to each name, if several names start with the text. */
function OtherNames({ of: names }: { readonly of: readonly string[] }) {
  if (names.length < 2) return null;
  return (
    <p class="chips">
      {names.slice(0, MOST_NAMES).map((each) => (
        <a class="tag" href={href('who', { q: each, as: 'object' })}>
          <Text of={each} />
        </a>
      ))}
      {names.length > MOST_NAMES && <span class="aside">and {names.length - MOST_NAMES} more names</span>}
    </p>
  );
}

/** Unidentified callers with that name. */
function Callers({ of: { sessions = [] } }: { readonly of: Namesakes }) {
  return (
    <>
      {sessions.map(({ caller, count = 0 }) => (
        <p class="maybe">
          An unidentified caller has this name ({count} {count === 1 ? 'request' : 'requests'}).{' '}
          <a href={href('who', { q: questionOfCaller(caller) })}>See why, and what to do</a>
        </p>
      ))}
    </>
  );
}

const MOST_NAMES = 12;

/** Returns whether the request deleted or evicted the object. */
function isEnd({ request, response }: AuditRecord): boolean {
  const isDone = response === undefined || response.code < 400;
  return isDone && (request?.verb === 'delete' || request?.subresource === 'eviction');
}

/** The card of the request that deleted or evicted the object. */
function End({ of: record }: { readonly of: AuditRecord }) {
  const { attribution, caller, auditId, request } = record;
  const how = request?.subresource === 'eviction' ? 'evicted' : 'deleted';
  return (
    <AnswerCard
      of={{ attribution, caller, request: describeRequest(record), recorded: true, records: [record] }}
      q={auditId}
      about={`Who ${how} ${request?.resource ?? 'it'} ${request?.name ?? ''}`}
      level={2}
    />
  );
}

/** Namespaces and clusters with that name. */
function Places({ of: { known = [] } }: { readonly of: Namesakes }) {
  return (
    <>
      {known.map((row) => {
        const { kind, name, arn } = row;
        const cluster = clusterText(row);
        return (
          <p>
            There is also a {kind} with this name:{' '}
            <Name
              kind={kind}
              of={kind === 'cluster' ? (arn ?? name) : name}
              within={kind === 'namespace' ? { cluster } : {}}
            />
            {kind === 'namespace' && cluster !== '' && (
              <>
                {' in '}
                <Name kind="cluster" of={cluster} />
              </>
            )}
            .
          </p>
        );
      })}
    </>
  );
}

/** Advice for a search that found no object. */
function NoObject({ name }: { readonly name: string }) {
  const shorter = shorterBeginnings(name);
  return (
    <div class="empty">
      <p>
        None of the scanned records has an object whose name starts with this. If a controller or a deletecollection
        request removed the object, the audit log does not have its name.
      </p>
      {shorter.length > 0 && (
        <p class="chips">
          Search for names that start with
          {shorter.map((each) => (
            <a class="button" href={href('who', { q: each, as: 'object' })}>
              <Text of={each} />
            </a>
          ))}
        </p>
      )}
    </div>
  );
}
