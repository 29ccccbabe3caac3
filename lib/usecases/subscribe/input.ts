import type { ErrorCode } from '../../error-code.ts';
import { isJsonObject, listAt } from '../../json.ts';

/** Says that a person wrote an input that cannot be used. */
class SubscribeInputError extends Error {
  readonly code = 'subscribe-input' satisfies ErrorCode;
}

/** A person's request to unsubscribe clusters until somebody subscribes them again, or to subscribe them again. */
export interface SubscriptionChange {
  readonly change: 'subscribe' | 'unsubscribe';
  /** Names of clusters, with the wildcards `*` and `?`. */
  readonly patterns: readonly string[];
}

const CHANGES = ['subscribe', 'unsubscribe'] as const;

/**
 * Returns the change that a person's input asks for. Undefined for events of EventBridge.
 * @example `{"unsubscribe": ["prod-1"]}`
 * @throws SubscribeInputError if the names are missing, so that a mistake does not subscribe all clusters.
 */
export function subscriptionChange(input: unknown): SubscriptionChange | undefined {
  if (!isJsonObject(input)) return undefined;
  const change = CHANGES.find((each) => each in input);
  if (change === undefined) return undefined;
  const patterns = (listAt(input, change) ?? []).filter((each) => typeof each === 'string' && each !== '');
  if (patterns.length === 0)
    throw new SubscribeInputError(
      `The input names no clusters. Write their names, with * and ? if you like: {"${change}": ["prod-1"]}`,
    );
  return { change, patterns: patterns.map(String) };
}
