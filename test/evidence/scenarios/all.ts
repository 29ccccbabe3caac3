import type { Scenario } from '../scenario.ts';
import { SESSION_START } from './01-session-start.ts';
import { CORRECTED } from './02-corrected.ts';
import { OUT_OF_TIME_GRANTS } from './03-out-of-time.ts';
import { TEMPLATES } from './04-templates.ts';
import { SERVICES } from './05-services-without-role-id.ts';
import { SOURCE_IDENTITY } from './06-source-identity.ts';
import { ORIGINS } from './07-origins.ts';
import { DELEGATION } from './08-delegation.ts';
import { CLAIMED_NAMES } from './09-claimed-names.ts';
import { SAYING_WHOSE } from './10-sessions-that-say-whose.ts';
import { SINCE_2025 } from './11-identity-since-2025.ts';
import { PROXIES } from './12-trusted-proxies.ts';
import { TOKENS } from './13-tokens.ts';
import { FROM_OUTSIDE } from './14-anonymous.ts';
import { EVERY_WORD } from './15-every-word.ts';
import { DIRECT_KEYS } from './16-direct-keys.ts';
import { WEB_IDENTITY_TOKENS } from './17-web-identity-tokens.ts';
import { NAMES_AND_TIMES } from './18-names-and-times.ts';
import { IDS_OF_ACTORS } from './19-ids-of-actors.ts';
import { COPIES } from './20-copies.ts';
import { COPIES_OF_GRANTS } from './21-copies-of-grants.ts';
import { SILENCES } from './22-silences.ts';

/** Every scenario, by its subject. */
export const SCENARIOS: readonly (readonly [about: string, scenarios: readonly Scenario[]])[] = [
  ['session start', SESSION_START],
  ['later facts', CORRECTED],
  ['the key’s own grant out of its time', OUT_OF_TIME_GRANTS],
  ['username templates', TEMPLATES],
  ['grants to services without a role id', SERVICES],
  ['source identities', SOURCE_IDENTITY],
  ['where text comes from', ORIGINS],
  ['temporary delegation', DELEGATION],
  ['names that somebody chose', CLAIMED_NAMES],
  ['sessions that say whose they are', SAYING_WHOSE],
  ['identity since 2025', SINCE_2025],
  ['trusted proxies', PROXIES],
  ['service account tokens', TOKENS],
  ['from outside AWS', FROM_OUTSIDE],
  ['every other flag and reason', EVERY_WORD],
  ['keys of direct callers', DIRECT_KEYS],
  ['AWS’s own web identity tokens', WEB_IDENTITY_TOKENS],
  ['names and their times', NAMES_AND_TIMES],
  ['ids of actors', IDS_OF_ACTORS],
  ['copies of one event', COPIES],
  ['copies of one grant', COPIES_OF_GRANTS],
  ['silences of CloudTrail', SILENCES],
];
