import { optionsByFile } from './by-file.ts';
import { osls } from './osls.ts';

/** Runs `npm run package -- --stage prod`: packages the service without credentials and without a network. */
const options = await optionsByFile(process.argv.slice(2));
process.exitCode = options === undefined ? 1 : await osls('package', options);
