import { actorOfChain } from '../attribution/actor.ts';
import { actorLabel } from '../attribution/actor-names.ts';
import type { Known } from '../attribution/answer.ts';
import { chainLinks } from '../attribution/attribution.ts';
import { canHaveActed, MomentSpan } from '../attribution/moment.ts';
import { saysMore } from '../attribution/statements.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { epochMillis } from '../time.ts';
import { keyOfSender } from './sender.ts';

/** An answer that is there as its text. */
export interface AnswerByKey {
  /** The `Attribution` as JSON. */
  readonly attribution: string;
  /** As `actorLabel` names who acted. */
  readonly label: string;
  /** Between which moments it holds. */
  readonly span: MomentSpan;
}

interface CallerTexts {
  /** The attribution up to its chain. */
  readonly begin: string;
  readonly label: string;
}

/** Of this many callers the texts are kept. */
const MOST_CALLERS = 8_192;

/**
 * The answer that nearly each event of a session gets: an IAM user was granted the role, by one grant of the key, in its
 * time, and nothing is to be added. It is what `attribute` answers, written at once; wherever more could be said it says
 * nothing, and the rules are to be asked.
 */
export class AnswersByKey {
  readonly #known: Known;
  readonly #callers = new Map<TrailCaller, CallerTexts>();

  /** @param known what is settled: no later grant is waited for, and nothing is added while answers are asked for. */
  constructor(known: Known) {
    this.#known = known;
  }

  /** @param sender as `writeRoleSender` writes it; any other gets no answer. */
  of(sender: string, moment: number): AnswerByKey | undefined {
    const { index, settings, settled } = this.#known;
    const { roleId, sessionName, key: text } = keyOfSender(sender);
    const key = accessKeyId(text);
    if (!settled || key === undefined) return undefined;
    const [grant, another] = index.grantsOfKey(key);
    if (grant === undefined || another !== undefined || !isPlain(grant)) return undefined;
    if (grant.roleId !== roleId || grant.sessionName !== sessionName) return undefined;
    const span = new MomentSpan();
    if (!canHaveActed(grant, epochMillis(moment), settings, span)) return undefined;
    if (index.isKnownUser(sessionName) || index.usesOfKey(key, 'statements').some(saysMore)) return undefined;
    const { begin, label } = this.#textsOf(grant);
    const chain = JSON.stringify(chainLinks([{ grant, joinedBy: 'access-key' }]));
    return { attribution: `${begin}${chain}}`, label, span };
  }

  #textsOf(grant: Grant): CallerTexts {
    const known = this.#callers.get(grant.caller);
    if (known !== undefined) return known;
    const { actor } = actorOfChain([grant], this.#known.index);
    const concluded = { status: 'attributed', method: 'access-key', provisional: false, flags: [], actor };
    const texts = { begin: `${JSON.stringify(concluded).slice(0, -1)},"chain":`, label: actorLabel(actor) };
    if (this.#callers.size >= MOST_CALLERS) this.#callers.clear();
    this.#callers.set(grant.caller, texts);
    return texts;
  }
}

/** Of a role, to an IAM user of whom nothing else is said. */
function isPlain({ granted, caller, byIdentityCenter, sourceIdentity }: Grant): boolean {
  if (granted !== 'role' || caller.kind !== 'iam-user' || byIdentityCenter) return false;
  return (sourceIdentity ?? caller.sourceIdentity) === undefined && !saysMore(caller);
}
