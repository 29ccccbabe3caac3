import { join } from 'node:path';

/**
 * Runs before every test file (`setupFiles` of the configurations). Settings in the environment or in files of whoever
 * runs the tests must not affect the tests' commands.
 */
for (const name of ['API', 'TABLE', 'CLUSTER', 'TOKEN', 'DEBUG']) delete process.env[`EKS_WHOIS_${name}`];
process.env.EKS_WHOIS_CONFIG = join(import.meta.dirname, 'no-such-folder/config.yaml');
