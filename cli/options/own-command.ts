import { ownFile } from '../own-files.ts';
import { readEnvironment } from './environment.ts';

/**
 * Returns a command of this program, for a person to copy. After `npx eks-whois` there is no such name on the PATH, so the command begins
 * with npx. But npx does not find a package again by its name alone if it took it from an archive or a registry into its own cache.
 */
export function ownCommand(words = ''): string {
  const name = isFoundByNpx() ? 'npx eks-whois' : 'eks-whois';
  return words === '' ? name : `${name} ${words}`;
}

/**
 * Returns whether npx finds the program by its name. Source: npm's `exec` sets these variables (docs.npmjs.com, "npm exec";
 * npm/cli, `libnpmexec`).
 */
function isFoundByNpx(): boolean {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = readEnvironment();
  return event === 'npx' && /^["']?(?:eks|kubectl)-whois\b/.test(script) && !ownFile('').pathname.includes('/_npx/');
}
