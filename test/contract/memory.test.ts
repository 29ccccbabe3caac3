import type { Clock } from '../../lib/ports/clock.ts';
import { MemoryAlertBoard } from '../stand-ins/memory/memory-alert-board.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryCounts } from '../stand-ins/memory/memory-counts.ts';
import { MemoryDirectory } from '../stand-ins/memory/memory-directory.ts';
import { MemoryIntents } from '../stand-ins/memory/memory-intents.ts';
import { MemoryLease } from '../stand-ins/memory/memory-lease.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { MemoryWaits } from '../stand-ins/memory/memory-waits.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { alertBoardContract } from './alert-board.ts';
import { claimsContract } from './claims.ts';
import { countsContract } from './counts.ts';
import { directoryContract } from './directory.ts';
import { intentsContract } from './intents.ts';
import { leaseContract } from './lease.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { recordStoreContract } from './record-store.ts';
import { sessionStoreContract } from './session-store.ts';
import { waitsContract } from './waits.ts';

const world = (clock: Clock = () => NOW) => ({ ...calmWorld(clock), keep: KEEP });

sessionStoreContract(async (clock) => new MemorySessions(world(clock)));
countsContract(async (clock) => new MemoryCounts(world(clock)));
directoryContract(async (clock) => {
  const records = new MemoryRecords(world(clock));
  return { records, directory: new MemoryDirectory(records) };
});
recordStoreContract(async (clock) => new MemoryRecords(world(clock)));
claimsContract(async (clock) => new MemoryClaims(world(clock)));
waitsContract(async (clock) => new MemoryWaits(world(clock)));
intentsContract(async (clock) => new MemoryIntents(world(clock)));
leaseContract(async () => new MemoryLease());
alertBoardContract(async () => new MemoryAlertBoard(world()));
