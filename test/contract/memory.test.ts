import type { Clock } from '../../lib/ports/clock.ts';
import { MemoryAlertBoard } from '../stand-ins/memory/memory-alert-board.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
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
