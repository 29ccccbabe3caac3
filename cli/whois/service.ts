import { attributionShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import { read, UnreadableItemError } from '../../lib/adapters/dynamodb/shape.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type JsonObject, listAt, objectAt, textAt, textsAt } from '../../lib/json.ts';
import type { SearchedAnswer } from '../../lib/usecases/deciding/ask.ts';
import type { SessionFound } from '../../lib/usecases/query/anything/outcomes.ts';
import { UNSEARCHED } from '../../lib/usecases/query/doubt.ts';
import { recordOf, type ServiceAccess, type WhoisQuery } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';

/** An answer with its caller. For an audit ID that several records have, also these records. */
export interface ServiceAnswer extends SearchedAnswer {
  readonly caller?: JsonObject | undefined;
  readonly records?: readonly AuditRecord[] | undefined;
  /** Sessions in the audit log with the same role and session name, but with access keys that no grant issued. */
  readonly unidentified?: readonly SessionFound[] | undefined;
  /** Sentences: who else it can be, and what was not searched. */
  readonly note?: string | undefined;
  /** The IDs of the role, if the question is the ARN of a session alone. */
  readonly roleIds?: readonly string[] | undefined;
}

/** Returns the sentences beside the attribution; undefined if there are none. */
export function noteOf({ note, isComplete }: ServiceAnswer): string | undefined {
  return note ?? (isComplete === false ? UNSEARCHED : undefined);
}

/**
 * Queries the service.
 * @throws CommandError if the service refuses, or has no record with the audit ID.
 */
export async function askService(question: WhoisQuery, service: ServiceAccess): Promise<ServiceAnswer> {
  const { uid, username, principal, accessKeyId, sessionName, arn, auditId, at, lookback } = question;
  const query = { uid, username, principal, accessKeyId, sessionName, arn, auditId, at, lookback };
  const body = await service.whois(query);
  const attribution = objectAt(body, 'attribution');
  if (attribution === undefined) throw new CommandError(unanswered(question), 1);
  const answered = attributionOf(attribution);
  const note = textAt(body, 'note');
  return {
    attribution: answered,
    caller: objectAt(body, 'caller'),
    records: listAt(body, 'records')?.map(recordOf),
    roleIds: textsAt(body, 'roleIds'),
    ...(note !== undefined && { note }),
    ...(body?.complete === false && { isComplete: false }),
  };
}

/**
 * Returns the attribution in the answer.
 * @throws CommandError if it is not one of this version.
 */
function attributionOf(answered: JsonObject): Attribution {
  try {
    return read(attributionShape, answered, 'attribution');
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    throw new CommandError('The answer is not from eks-whois: its attribution cannot be read. Check --api.', 1, {
      cause: error,
    });
  }
}

function unanswered({ auditId }: WhoisQuery): string {
  return auditId === undefined
    ? 'The answer is not from eks-whois: it has no attribution. Check --api.'
    : 'The service has no record with this audit ID.';
}
