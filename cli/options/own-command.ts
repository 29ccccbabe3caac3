import { ownFile } from '../own-files.ts';
import { readEnvironment } from './environment.ts';

/**
 * Returns a command of this program, for a person to copy. After `npx eks-whois`, the PATH has no such name, so the
 * command begins with npx. That does not work if npx took the package from an archive or a registry into its own cache.
 * Then npx does not find the package again by its name alone.
 */
export function ownCommand(words = ''): string {
  const name = isFoundByNpx() ? 'npx eks-whois' : 'eks-whois';
  return words === '' ? name : `${name} ${words}`;
}

/**
 * Returns whether npx finds the program by its name. Source: npm's `exec` sets these variables (docs.npmjs.com, "npm
 * exec"; npm/cli, `libnpmexec`).
 */
function isFoundByNpx(): boolean {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = readEnvironment();
  return event === 'npx' && /^["']?(?:eks|kubectl)-whois\b/.test(script) && !ownFile('').pathname.includes('/_npx/');
}
