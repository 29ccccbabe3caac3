import { MemoryAlertBoard } from '../../lib/adapters/memory/memory-alert-board.ts';
import { MemoryClaims } from '../../lib/adapters/memory/memory-claims.ts';
import { MemoryRecords } from '../../lib/adapters/memory/memory-records.ts';
import { MemorySessions } from '../../lib/adapters/memory/memory-sessions.ts';
import { calmWorld } from '../../lib/adapters/memory/memory-world.ts';
import type { Clock } from '../../lib/ports.ts';
import { alertBoardContract } from './alert-board.ts';
import { claimsContract } from './claims.ts';
import { NOW } from './now.ts';
import { KEEP } from './over.ts';
import { recordStoreContract } from './record-store.ts';
import { sessionStoreContract } from './session-store.ts';

const world = (clock: Clock = () => NOW) => ({ ...calmWorld(clock), keep: KEEP });

sessionStoreContract(async (clock) => new MemorySessions(world(clock)));
recordStoreContract(async (clock) => new MemoryRecords(world(clock)));
claimsContract(async (clock) => new MemoryClaims(world(clock)));
alertBoardContract(async () => new MemoryAlertBoard(world()));
