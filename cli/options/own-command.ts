import { ownFile } from '../own-files.ts';
import { readEnvironment } from './environment.ts';

/**
 * A command of this program, for a person to copy. Whoever ran it as `npx eks-whois` has none of that name on the PATH; but what npx
 * took from an archive, or a registry, into its own cache, it does not find there again by the name alone.
 */
export function ownCommand(words = ''): string {
  const name = isFoundByNpx() ? 'npx eks-whois' : 'eks-whois';
  return words === '' ? name : `${name} ${words}`;
}

/** Source: npm's `exec` sets these for what it runs (docs.npmjs.com, "npm exec"; npm/cli, `libnpmexec`). */
function isFoundByNpx(): boolean {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = readEnvironment();
  return event === 'npx' && /^["']?(?:eks|kubectl)-whois\b/.test(script) && !ownFile('').pathname.includes('/_npx/');
}
