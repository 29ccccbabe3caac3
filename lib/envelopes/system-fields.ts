import { filledTextAt, type JsonObject } from '../json.ts';

/**
 * The system fields that our subscription filters add to each event: the account and the Region that wrote it first.
 * For events of a centralized log group, nothing else states them (FACTS).
 */
export const SYSTEM_FIELDS = ['@aws.account', '@aws.region'] as const;

/** The account and Region that first wrote a message of a centralized log group. */
export interface SystemFields {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** Returns the system fields in a log event's `extractedFields`. Undefined if it has none. */
export function systemFieldsIn(extracted: JsonObject | undefined): SystemFields | undefined {
  const [account, region] = SYSTEM_FIELDS.map((field) => filledTextAt(extracted, field));
  return account === undefined && region === undefined ? undefined : { account, region };
}
