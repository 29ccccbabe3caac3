const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

/**
 * serverless-esbuild 1.57 copies each function into a folder of the temporary one before it zips it, and removes that
 * folder as if it were a file, which fails silently. Its work folder, which it does remove, holds them instead.
 */
module.exports = class CleanPackaging {
  constructor(serverless) {
    const { serviceDir, service } = serverless;
    const { TMPDIR: given } = process.env;
    const begin = () => {
      process.env.TMPDIR = join(serviceDir, service.custom.esbuild.outputWorkFolder, 'temporary');
      mkdirSync(process.env.TMPDIR, { recursive: true });
    };
    const end = () => {
      if (given === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = given;
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': begin,
      'after:package:createDeploymentArtifacts': end,
      'before:deploy:function:packageFunction': begin,
      'after:deploy:function:packageFunction': end,
    };
  }
};
