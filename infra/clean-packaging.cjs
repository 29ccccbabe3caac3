const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

/**
 * A plugin that cleans up after serverless-esbuild 1.57. That copies each function into a subfolder of the temporary folder before it zips it,
 * and then tries to remove the subfolder like a file, which fails silently. This plugin puts the copies into esbuild's work folder, which is removed.
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
