import { askedForBy } from '../../claims/identity.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { AliasIndex } from './alias-index.ts';
import { fitted, type Key } from './keys.ts';
import type { TableHandle } from './table-handle.ts';

/** Under which sessions the records of an access key, or of a session whose name was learnt, lie where nothing else says it. */
export class SessionAliases {
  readonly #index: AliasIndex;

  constructor(of: TableHandle) {
    this.#index = new AliasIndex(of);
  }

  put(records: readonly StoredRecord[]): Promise<void> {
    return this.#index.put(records.flatMap(keysOf));
  }

  of(asked: string): Promise<readonly string[]> {
    return this.#index.of(partitionOf(asked));
  }
}

function keysOf({ session, record }: StoredRecord): Key[] {
  if (session === undefined) return [];
  return askedForBy(session, record).map((asked) => ({ partition: partitionOf(asked), sort: fitted(session) }));
}

/** Those of access keys were the first. */
function partitionOf(asked: string): string {
  return `access-key ${fitted(asked)}`;
}
