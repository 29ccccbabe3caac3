import { createInterface } from 'node:readline/promises';
import { changeConfigs } from '../../lib/adapters/kubeconfig/change.ts';
import { contextsOf } from '../../lib/kubeconfig/contexts.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { planUse } from '../../lib/kubeconfig/plan.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { checkKubeconfig, readFiles } from './files.ts';
import { diffOf } from './report.ts';

interface UseOptions {
  readonly kubeconfig?: string;
  readonly dryRun?: boolean;
}

const WHICH = 'Which context? Give its name; eks-whois kubeconfig list shows them.';

export function useAction(context: string | undefined, { kubeconfig, dryRun = false }: UseOptions): Promise<void> {
  checkKubeconfig(kubeconfig);
  if (context === '') throw wrongUsage(WHICH);
  return reportFaults(async () => {
    const name = context ?? (await askWhich(kubeconfig));
    const texts = await changeConfigs(
      async () => planUse(await readFiles(kubeconfig), name),
      (planned) => planned,
      () => !dryRun,
    );
    if (!dryRun)
      process.stdout.write(
        escapeForTerminal(`${name} is ${texts.length === 0 ? 'already' : 'now'} the current context.`).concat('\n'),
      );
    else if (texts.length === 0) note('Nothing would change.');
    else process.stdout.write(diffOf(texts));
  });
}

/** Shows the contexts with numbers and takes a number or a name. */
async function askWhich(kubeconfig: string | undefined): Promise<string> {
  if (!process.stdin.isTTY) throw wrongUsage(WHICH);
  const contexts = contextsOf((await readFiles(kubeconfig)).files);
  if (contexts.length === 0)
    throw new KubeconfigError('There is no context to choose. Create one with eks-whois kubeconfig create.');
  const names = contexts.map(({ name }) => name);
  contexts.forEach(({ name, current }, index) => {
    process.stderr.write(`${String(index + 1).padStart(3)} ${current ? '*' : ' '} ${escapeForTerminal(name)}\n`);
  });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // If the input ends (Ctrl-D, Ctrl-C), no answer ever comes.
    const nothing = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
    const answer = prompt.question('Which? Its number or name: ').catch(() => '');
    return chosenName(names, await Promise.race([answer, nothing]));
  } finally {
    prompt.close();
  }
}

/** Returns the chosen name: a number of the list, or a name. */
export function chosenName(names: readonly string[], answer: string): string {
  const text = answer.trim();
  if (text === '')
    throw new KubeconfigError('No context was chosen, so the current one stays. Run it again to choose one.');
  if (names.includes(text)) return text;
  return (/^\d+$/.test(text) ? names[Number(text) - 1] : undefined) ?? text;
}
