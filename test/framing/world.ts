import { type Draw, drawFrom } from '../oracle/draw.ts';
import { MOVES } from './adversary.ts';
import { CI, ENTRY, KEYED, MALLORY, OPS, PEOPLE, roleArn, STORE } from './company.ts';
import {
  ANYBODY,
  functionWorks,
  instanceWorks,
  isSeen,
  pipelineWorks,
  worksAsUser,
  worksByChain,
  worksByRole,
  worksBySignIn,
} from './honest.ts';
import { type Deed, type Fact, Stage } from './stage.ts';
import {
  borrowsAToken,
  choosesATokenId,
  PROXIES,
  playsAProxy,
  presentsAToken,
  worksByProxy,
  worksByToken,
} from './tokens.ts';

/** A few hours in a company: what was recorded, and who really did what. */
export interface FramingWorld {
  readonly seed: number;
  readonly facts: readonly Fact[];
  readonly deeds: readonly Deed[];
  readonly templates: readonly string[];
  readonly proxies: readonly string[];
  /** The organization's own directories of Identity Center, if the operator listed them. */
  readonly stores: readonly string[];
}

/**
 * Returns the same world for the same seed: honest people, and one adversary with up to three actions. Some records
 * come twice.
 */
export function framingWorld(seed: number): FramingWorld {
  const draw = drawFrom(seed);
  const stage = new Stage(draw);
  const [victim, other] = draw.shuffle(PEOPLE);
  if (victim === undefined || other === undefined) throw new Error('the company has no people');
  const target = draw.pick([worksByRole, worksByRole, worksByRole, worksByChain, worksByChain, worksBySignIn])(
    stage,
    victim,
  );
  const move = () => draw.pick([...MOVES, borrow, choose, play])(stage, target, victim);
  for (let moves = draw.pick([1, 1, 2, 3]); moves > 0; moves -= 1) move();
  draw.pick([worksByRole, worksByChain, worksBySignIn, worksAsUser, worksByToken, presentsAToken, worksByProxy])(
    stage,
    other,
  );
  if (draw.chance(0.3)) draw.pick([instanceWorks, functionWorks, pipelineWorks])(stage);
  if (draw.chance(0.5)) isSeen(stage, draw.pick(ANYBODY), stage.honestly());
  const facts = [...stage.facts, ...draw.shuffle(stage.facts).slice(0, draw.pick([0, 0, 1, 3]))];
  const stores = draw.pick([[], [STORE], ['d-1234567890']]);
  return {
    seed,
    facts: draw.shuffle(facts),
    deeds: stage.deeds.map((deed) => withTaken(deed, stage.taken)),
    templates: templatesOf(draw),
    proxies: PROXIES,
    stores,
  };
}

/** Returns the deed with the names that mallory took, if it is hers. */
function withTaken({ truth, ...deed }: Deed, taken: readonly string[]): Deed {
  const isMallorys = truth?.principalIds === MALLORY.truth.principalIds;
  return { ...deed, truth: isMallorys ? { ...truth, taken } : truth };
}

const borrow: (typeof MOVES)[number] = (stage, _target, victim) => borrowsAToken(stage, victim);
const choose: (typeof MOVES)[number] = (stage, _target, victim) => choosesATokenId(stage, victim);
const play: (typeof MOVES)[number] = (stage, _target, victim) => playsAProxy(stage, victim);

/** Returns the templates that an operator makes from the cluster's mapping: with the role, or without. */
function templatesOf(draw: Draw): string[] {
  const roles = draw.shuffle([OPS, KEYED, CI, ENTRY]).slice(0, draw.below(4));
  return roles.map((role) => (draw.chance(0.5) ? `${roleArn({ ...role, path: '/' })}=${role.mapping}` : role.mapping));
}
