import { MemoryAlertBoard } from '../../lib/adapters/memory/memory-alert-board.ts';
import { MemoryClaims } from '../../lib/adapters/memory/memory-claims.ts';
import { MemoryRecords } from '../../lib/adapters/memory/memory-records.ts';
import { MemorySessions } from '../../lib/adapters/memory/memory-sessions.ts';
import { calmWorld } from '../../lib/adapters/memory/memory-world.ts';
import { alertBoardContract } from './alert-board.ts';
import { claimsContract, NOW } from './claims.ts';
import { recordStoreContract } from './record-store.ts';
import { sessionStoreContract } from './session-store.ts';

const world = calmWorld(() => NOW);

sessionStoreContract(async () => new MemorySessions(world));
recordStoreContract(async () => new MemoryRecords(world));
claimsContract(async () => new MemoryClaims(world));
alertBoardContract(async () => new MemoryAlertBoard(world));
