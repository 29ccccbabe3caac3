import { isFoundByKeyAlone } from '../../claims/identity.ts';
import type { StoredRecord } from '../../ports/records.ts';
import { AliasIndex } from './alias-index.ts';
import { fitted, type Key } from './keys.ts';
import type { TableHandle } from './table-handle.ts';

/** Under which session the records of an access key lie where no grant and no claim says it: a user's own key has neither. */
export class AccessKeySessions {
  readonly #files: AliasIndex;

  constructor(of: TableHandle) {
    this.#files = new AliasIndex(of);
  }

  file(records: readonly StoredRecord[]): Promise<void> {
    return this.#files.file(records.flatMap(keysOf));
  }

  of(accessKeyId: string): Promise<readonly string[]> {
    return this.#files.of(partitionOf(accessKeyId));
  }
}

function keysOf({ session, record }: StoredRecord): Key[] {
  const { accessKeyId } = record.caller;
  if (accessKeyId === undefined || session === undefined || !isFoundByKeyAlone(session)) return [];
  return [{ partition: partitionOf(accessKeyId), sort: fitted(session) }];
}

function partitionOf(accessKeyId: string): string {
  return `access-key ${fitted(accessKeyId)}`;
}
