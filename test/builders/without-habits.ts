import { join } from 'node:path';

/**
 * Before every test file (`setupFiles` of the configurations): what whoever runs the tests keeps for their own work, in
 * variables of the environment or in a file, says nothing to the commands that the tests run.
 */
for (const name of ['API', 'TABLE', 'CLUSTER', 'TOKEN', 'DEBUG']) delete process.env[`EKS_WHOIS_${name}`];
process.env.EKS_WHOIS_CONFIG = join(import.meta.dirname, 'no-such-folder/config.yaml');
