import type { TextChange } from '../../kubeconfig/plan.ts';
import { whileLocked } from './lock.ts';
import { writeConfigs } from './write.ts';

/**
 * Makes a plan from the files as they are, and writes it: made once to see which files it changes, and again when they
 * are locked, so that what another program wrote meanwhile is not lost. `approve` may throw, and then nothing is written.
 */
export async function changeConfigs<Plan>(
  make: () => Promise<Plan>,
  textsOf: (plan: Plan) => readonly TextChange[],
  approve: (plan: Plan) => boolean,
): Promise<Plan> {
  const first = await make();
  const paths = textsOf(first).map(({ path }) => path);
  if (!approve(first) || paths.length === 0) return first;
  return whileLocked(paths, async () => {
    const plan = await make();
    if (approve(plan)) await writeConfigs(textsOf(plan).map(({ path, after }) => ({ path, text: after })));
    return plan;
  });
}
